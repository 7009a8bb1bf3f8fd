import { setTimeout as sleep } from 'node:timers/promises';
import { API_PATH } from '../../common/names.ts';
import { ask } from './http.ts';

/** No property ever gets this id, the largest that JSON carries exactly. */
const NOBODY = Number.MAX_SAFE_INTEGER;
const EVERY_MS = 50;
/** Longer than a write is held at most. */
const TIMEOUT_MS = 12_000;

/**
 * Waits until a write goes through the whole stack: a property that does not exist is deleted, which ends in 404 only
 * after a transaction was committed and acknowledged.
 * @param httpPort of the edge
 * @throws when the signal says so
 */
export async function waitForFirstWrite(httpPort: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
    const answer = await ask(httpPort, { method: 'DELETE', path: `${API_PATH}/${NOBODY}` }, limit).catch(() => undefined);
    if (answer?.status === 404 || answer?.status === 204) return;
    await sleep(EVERY_MS, undefined, { signal });
  }
  signal.throwIfAborted();
}
