import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Asks until the answer is yes.
 * @param what for the message, such as `mysql-0 to serve`
 * @param ask false or a rejection means not yet
 * @param timeoutMs after which it throws, with the last rejection as cause
 * @param everyMs between two questions
 */
export async function waitFor(what: string, ask: () => Promise<boolean>, timeoutMs = 20_000, everyMs = 20): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  let cause: unknown;
  while (performance.now() < deadline) {
    try {
      if (await ask()) return;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    await sleep(everyMs);
  }
  throw new Error(`Waited ${timeoutMs} ms for ${what}`, { cause });
}
