/** Lets tasks run one after the other. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs a task once those before it are over, well or not. */
  async take<T>(task: () => Promise<T>): Promise<T> {
    const before = this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last = promise;
    await before;
    try {
      return await task();
    } finally {
      resolve();
    }
  }
}
