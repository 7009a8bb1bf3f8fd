/** This process has held the write long enough: the edge shall ask the next one. */
export class HandBack extends Error {
  override name = 'HandBack';
}

/** The request's deadline is over. Whether the write was done is unknown; asking again with the same key finds out. */
export class Overdue extends Error {
  override name = 'Overdue';
}

/** Until when a write may be held. */
export interface HoldLimits {
  /** Milliseconds until the request's deadline. */
  readonly deadlineMs: number;
  /** Milliseconds after which it goes back to the edge; absent: there is none, it is held to the deadline. */
  readonly againMs?: number;
  /** Aborted: its client is gone. */
  readonly signal: AbortSignal;
}

/** So close to the deadline there is no next process: what is left is held here. A multiple of `againMs`. */
const LAST_LEG = 1.5;

/** How long one write waits, and what ends it. */
export class Hold implements Disposable {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #limits: HoldLimits;
  readonly #clientGone = (): void => this.#controller.abort(this.#limits.signal.reason);

  constructor(limits: HoldLimits) {
    this.#limits = limits;
    const { deadlineMs, againMs, signal } = limits;
    const handsBack = againMs !== undefined && deadlineMs > againMs * LAST_LEG;
    this.#timer = setTimeout(() => {
      this.#controller.abort(handsBack ? new HandBack('No primary took the write yet') : new Overdue('No primary took the write within its deadline'));
    }, Math.max(0, handsBack ? againMs : deadlineMs));
    signal.addEventListener('abort', this.#clientGone, { once: true });
    if (signal.aborted) this.#clientGone();
  }

  /** Aborted when the write must be let go; the reason says why. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Lets go at once of a write that another process can go on with. */
  handBack(): void {
    if (this.#limits.againMs !== undefined) this.#controller.abort(new HandBack('This process stops'));
  }

  /**
   * Waits.
   * @throws the signal's reason
   */
  async pause(ms: number): Promise<void> {
    this.signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const over = (): void => {
        clearTimeout(timer);
        reject(this.signal.reason);
      };
      const timer = setTimeout(() => {
        this.signal.removeEventListener('abort', over);
        resolve();
      }, ms);
      this.signal.addEventListener('abort', over, { once: true });
    });
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#limits.signal.removeEventListener('abort', this.#clientGone);
  }
}
