import type { RunOptions } from '../ports.ts';

/** A round trip took longer than it was given. Whether the other side did what it was asked is unknown. */
export class DeadlineError extends Error {
  override name = 'DeadlineError';
  constructor(operation: string, deadlineMs: number) {
    super(`${operation} gave no answer within ${Math.round(deadlineMs)} ms; whether it was done is unknown`);
  }
}

/** The deadline and the signal of one round trip, as the one thing that ends it. To be disposed of when it is over. */
export class Limit implements Disposable {
  readonly #over = Promise.withResolvers<never>();
  readonly #timer: NodeJS.Timeout;
  readonly #signal: AbortSignal | undefined;
  readonly #abort = (): void => this.#over.reject(this.#signal?.reason);

  /** @param operation names the round trip in the error */
  constructor(options: RunOptions, operation: string) {
    this.#over.promise.catch(() => undefined);
    this.#timer = setTimeout(() => this.#over.reject(new DeadlineError(operation, options.deadlineMs)), options.deadlineMs);
    this.#signal = options.signal;
    this.#signal?.addEventListener('abort', this.#abort, { once: true });
    if (this.#signal?.aborted === true) this.#abort();
  }

  /**
   * The promise's outcome, unless the limit comes first.
   * @throws DeadlineError, or the signal's reason
   */
  race<T>(promise: Promise<T>): Promise<T> {
    return Promise.race([promise, this.#over.promise]);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener('abort', this.#abort);
  }
}
