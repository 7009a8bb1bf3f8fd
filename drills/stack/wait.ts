import { setTimeout as sleep } from 'node:timers/promises';

/** What to wait for, and how long; times in milliseconds. */
export interface Wait {
  /** What is waited for, as the end of "… did not happen within 5000 ms". */
  readonly what: string;
  readonly boundMs: number;
  /** Pause between two looks; default 50. */
  readonly everyMs?: number;
  readonly signal: AbortSignal;
}

/**
 * Looks until there is something to see. A look that throws has seen nothing.
 * @param look returns what was waited for, or null when it is not there yet
 * @throws Error that says what did not happen, with the last look's error as cause; the signal's reason when it is aborted
 */
export async function until<T>({ what, boundMs, everyMs = 50, signal }: Wait, look: () => Promise<T | null> | T | null): Promise<T> {
  const endMs = performance.now() + boundMs;
  for (;;) {
    signal.throwIfAborted();
    const { seen, error } = await looked(look);
    if (seen !== null) return seen;
    if (performance.now() >= endMs) throw new Error(`${what} did not happen within ${boundMs} ms.`, { cause: error });
    await sleep(everyMs, undefined, { signal });
  }
}

async function looked<T>(look: () => Promise<T | null> | T | null): Promise<{ seen: T | null; error?: unknown }> {
  try {
    return { seen: await look() };
  } catch (error) {
    return { seen: null, error };
  }
}
