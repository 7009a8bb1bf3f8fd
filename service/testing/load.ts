import { randomUUID } from 'node:crypto';
import { ask } from './http.ts';

/** What became of a load. */
export interface LoadResult {
  /** Addresses of properties whose POST was answered with 201. */
  readonly acknowledged: readonly string[];
  /** Every answer that was none of the expected ones, and every broken connection. */
  readonly failures: readonly string[];
  readonly reads: number;
  /** Answers that said that they may be older. */
  readonly olderReads: number;
  /** Milliseconds. */
  readonly slowestWrite: number;
  readonly slowestRead: number;
}

/**
 * Writers that add properties with addresses of their own, and readers of the list, each waiting for one answer before it asks anew, without
 * retries.
 * @param urls asked in turn
 * @returns ends the load, waits for the last answers, and says how it went
 */
export function startLoad(urls: readonly string[], { writers, readers }: { readonly writers: number; readonly readers: number }): () => Promise<LoadResult> {
  const acknowledged: string[] = [];
  const failures: string[] = [];
  const over = new AbortController();
  let [reads, olderReads, slowestWrite, slowestRead, turn] = [0, 0, 0, 0, 0];
  const next = (): string => urls[turn++ % urls.length] ?? '';

  const write = async (): Promise<void> => {
    const address = `load ${randomUUID()}`;
    const { status, body, ms } = await ask(next(), '/api/property', { method: 'POST', body: { address } });
    slowestWrite = Math.max(slowestWrite, ms);
    if (status === 201) acknowledged.push(address);
    else failures.push(`POST ${status} after ${Math.round(ms)} ms: ${body}`);
  };
  const read = async (): Promise<void> => {
    const { status, body, ms, headers } = await ask(next(), `/api/property?limit=${1 + (reads % 50)}`);
    reads += 1;
    slowestRead = Math.max(slowestRead, ms);
    if (headers['x-freshness'] !== undefined) olderReads += 1;
    if (status !== 200) failures.push(`GET ${status} after ${Math.round(ms)} ms: ${body}`);
  };
  const repeat = async (once: () => Promise<void>): Promise<void> => {
    while (!over.signal.aborted) await once().catch((error: unknown) => void failures.push(String(error)));
  };
  const loops = [...Array.from({ length: writers }, () => repeat(write)), ...Array.from({ length: readers }, () => repeat(read))];
  return async () => {
    over.abort();
    await Promise.all(loops);
    return { acknowledged, failures, reads, olderReads, slowestWrite, slowestRead };
  };
}
