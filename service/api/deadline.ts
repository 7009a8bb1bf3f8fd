/** A signal that is aborted after some time, unless what it is for is over before: a request leaves no timer behind. */
export class Deadline implements Disposable {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;

  /** @param ms milliseconds until the signal's reason is a TimeoutError, as that of `AbortSignal.timeout` */
  constructor(ms: number) {
    this.#timer = setTimeout(() => this.#controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError')), ms);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
