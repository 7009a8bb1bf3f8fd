import { createWriteStream, type WriteStream } from 'node:fs';
import { once } from 'node:events';
import { dirname } from 'node:path';
import { makeFolder } from '../../common/folders.ts';
import { API_PATH, HTTP } from '../../common/names.ts';
import type { Answer, Question } from '../load/client.ts';
import type { End, Entry, Invocation, Outcome, Shown } from './entry.ts';

/** What stood in the table, as the recorder is told it. */
export interface StoredProperty {
  readonly id: number;
  readonly address: string;
  readonly land_size: number | string | null;
}

/** Takes note of what clients send and are answered. */
export interface Notes {
  /** To be called before a request is sent. @returns its number */
  readonly invoke: (process: string, question: Question) => number;
  /** To be called when what became of it is known. */
  readonly settle: (op: number, process: string, answer: Answer) => void;
}

/** For a load of which nothing is to be written down. */
export const NO_NOTES: Notes = { invoke: () => 0, settle: () => undefined };

/** Lines are written in blocks of so many. */
const LINES_AT_ONCE = 500;

/** Writes a history into a file as it happens. It knows requests and answers, and nothing of what the load has in mind. */
export class Recorder implements Notes {
  readonly file: string;
  readonly #marker: string;
  readonly #now: () => number;
  readonly #out: WriteStream;
  readonly #asked = new Map<number, Invocation['f']>();
  #lines: string[] = [];
  #ops = 0;
  #failed: Error | undefined;

  /**
   * @param file where it goes; its folder is made
   * @param marker what every address of the history's rows begins with
   * @param now the drill's clock, in milliseconds
   */
  constructor(file: string, marker: string, now: () => number) {
    makeFolder(dirname(file));
    this.file = file;
    this.#marker = marker;
    this.#now = now;
    this.#out = createWriteStream(file);
    this.#out.on('error', (error) => { this.#failed = error; });
    this.#write({ type: 'head', format: 1, marker });
  }

  readonly invoke = (process: string, question: Question): number => {
    this.#ops += 1;
    const invocation = invocationOf(this.#marker, { op: this.#ops, process, time: roundedDown(this.#now()) }, question);
    this.#asked.set(this.#ops, invocation.f);
    this.#write(invocation);
    return this.#ops;
  };

  readonly settle = (op: number, process: string, answer: Answer): void => {
    const f = this.#asked.get(op);
    this.#asked.delete(op);
    if (f !== undefined) this.#write(endOf(this.#marker, { op, process, time: roundedUp(this.#now()) }, f, answer));
  };

  /** Ends the history with what stands in the table, and closes the file. @throws Error when it could not be written */
  async finish(stored: readonly StoredProperty[]): Promise<void> {
    this.#write({ type: 'final', time: roundedUp(this.#now()), rows: shownIn(this.#marker, stored) });
    await this.close();
  }

  /** Closes the file as it is. Idempotent. @throws Error when it could not be written */
  async close(): Promise<void> {
    this.#flush();
    if (!this.#out.writableEnded && this.#failed === undefined) {
      this.#out.end();
      await once(this.#out, 'close').catch(() => undefined);
    }
    if (this.#failed !== undefined) throw new Error(`Writing the history to ${this.file} failed: is there room, and may it be written?`, { cause: this.#failed });
  }

  #write(entry: Entry): void {
    this.#lines.push(JSON.stringify(entry));
    if (this.#lines.length >= LINES_AT_ONCE) this.#flush();
  }

  #flush(): void {
    if (this.#lines.length > 0 && !this.#out.writableEnded) this.#out.write(`${this.#lines.join('\n')}\n`);
    this.#lines = [];
  }
}

// A hundredth of a millisecond.
const roundedDown = (ms: number): number => Math.floor(ms * 100) / 100;
const roundedUp = (ms: number): number => Math.ceil(ms * 100) / 100;

type Stamp = Pick<Invocation, 'op' | 'process' | 'time'>;

/** What a request asks for. */
export function invocationOf(marker: string, stamp: Stamp, question: Question): Invocation {
  const { pathname, searchParams } = new URL(question.path, 'http://edge');
  const id = pathname.length > API_PATH.length + 1 ? Number(pathname.slice(API_PATH.length + 1)) : undefined;
  const headers = question.headers ?? {};
  const [key, ifMatch] = [headers[HTTP.idempotencyKey], headers['if-match']];
  const common = {
    type: 'invoke', ...stamp, ...(id === undefined ? {} : { id }), ...(key === undefined ? {} : { key }), ...(ifMatch === undefined ? {} : { ifMatch }),
    ...(headers['cookie'] === undefined ? {} : { seen: true as const }),
  } as const;
  if (question.method === 'GET') return id === undefined ? { ...common, f: 'page', ...pageOf(searchParams) } : { ...common, f: 'read' };
  if (question.method === 'DELETE') return { ...common, f: 'delete' };
  return { ...common, f: question.method === 'POST' ? 'create' : 'replace', ...writtenIn(marker, question.body) };
}

function pageOf(query: URLSearchParams): Pick<Invocation, 'start' | 'after' | 'limit'> {
  const after = query.get('after');
  const place = after === null ? { start: Number(query.get('start') ?? 0) } : { after };
  return { ...place, limit: Number(query.get('limit') ?? 10) };
}

function writtenIn(marker: string, body: unknown): Pick<Invocation, 'row' | 'value' | 'sold'> {
  const { address, land_size: value, sold_time: sold } = body as { address: string; land_size: number; sold_time: string };
  return { row: nameIn(marker, address) ?? address, value, sold };
}

/** A row's name; null for an address of somebody else. */
const nameIn = (marker: string, address: unknown): string | null =>
  typeof address === 'string' && /^[ /]/.test(address.slice(marker.length)) && address.startsWith(marker) ? address.slice(marker.length).trim() : null;

const shownIn = (marker: string, items: readonly unknown[]): readonly Shown[] => items.map((item) => {
  const { id, address, land_size: value } = (item ?? {}) as { id?: unknown; address?: unknown; land_size?: unknown };
  return [Number(id), nameIn(marker, address), Number(value)];
});

/** These say for certain that nothing was done. */
const REFUSALS: ReadonlySet<number> = new Set([400, 404, 412, 413, 415, 422]);

/** What an answer, or its absence, says of a request. */
export function endOf(marker: string, stamp: Stamp, f: Invocation['f'], answer: Answer): End {
  const isRead = f === 'read' || f === 'page';
  if (answer.kind === 'broken') return { type: isRead || answer.connection === null ? 'fail' : 'unknown', ...stamp, why: answer.reason };
  const { status, headers } = answer;
  const [etag, fresh] = [headers.etag, headers[HTTP.freshness]];
  const told = { ...stamp, status, ...(etag === undefined ? {} : { etag }), ...(typeof fresh === 'string' ? { fresh } : {}) };
  const body: unknown = status < 300 && status !== 204 ? bodyOf(answer.text) : null;
  if (body === undefined) return { type: isRead ? 'fail' : 'unknown', ...told, why: 'its body is no JSON' };
  if (isRead) return status === 200 || (f === 'read' && status === 404) ? { type: 'ok', ...told, ...readIn(marker, body, headers['link']) } : { type: 'fail', ...told };
  const type: Outcome = status < 300 ? 'ok' : REFUSALS.has(status) ? 'fail' : 'unknown';
  const id = idIn(body);
  return { type, ...told, ...(typeof id === 'number' ? { id } : {}) };
}

const idIn = (body: unknown): unknown => (typeof body === 'object' && body !== null && 'id' in body ? body.id : undefined);

function readIn(marker: string, body: unknown, link: string | readonly string[] | undefined): Pick<End, 'rows' | 'next'> {
  const next = /[?&]after=([^&>]+)[^>]*>;\s*rel="next"/.exec(String(link ?? ''))?.[1];
  const items: readonly unknown[] = body === null ? [] : Array.isArray(body) ? body : [body];
  return { rows: shownIn(marker, items), ...(next === undefined ? {} : { next }) };
}

/** Undefined for what is no JSON. */
function bodyOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
