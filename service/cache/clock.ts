import { setTimeout as sleep } from 'node:timers/promises';

/** Time, given to whatever waits or measures. */
export interface Clock {
  /** Monotonic milliseconds. */
  now(): number;
  /**
   * Resolves after so many milliseconds; does not keep the process alive.
   * @throws the signal's reason when it is aborted first
   */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The process's own monotonic clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  async sleep(ms, signal) {
    try {
      await sleep(ms, undefined, { ref: false, ...(signal === undefined ? {} : { signal }) });
    } catch (error) {
      throw signal?.aborted === true ? signal.reason : error;
    }
  },
};

/** Redis did not answer in time. */
export class TooLate extends Error {
  override name = 'TooLate';
  constructor(operation: string, ms: number) {
    super(`${operation}: no answer from Redis within ${ms} ms; the cache is passed by until Redis answers probes in time.`);
  }
}

/**
 * The promise's result, if it comes within so many milliseconds. An answer that lies in the socket already because this
 * process was busy still counts: before giving up, what the sockets hold is read once more.
 * @throws TooLate when it did not come; the promise's own rejection is then ignored
 */
export function within<T>(promise: Promise<T>, ms: number, operation: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => setImmediate(() => reject(new TooLate(operation, ms))), ms);
    promise.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error instanceof Error ? error : new Error(`${operation}: ${String(error)}`));
      },
    );
  });
}

/**
 * The promise's result, unless the signal is aborted first.
 * @throws the signal's reason
 */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) {
    promise.catch(() => undefined);
    return Promise.reject(signal.reason);
  }
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
