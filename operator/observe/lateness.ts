/** The operator was late by more than this: what it has observed is about itself, not about the members; ms. */
export const LATE_MS = 200;

/**
 * Notices that the operator itself stood still (its machine slept, SIGSTOP, a blocked event loop): its timers then fire
 * before the answers that have long arrived are read, and everybody looks silent.
 */
export class Lateness {
  #due: number | undefined;

  /** When the next check is due, on the monotonic clock, ms. */
  expect(due: number): void {
    this.#due = due;
  }

  /** How late it is now, ms; 0 when it is in time. Counts each lateness once. */
  check(now: number): number {
    const lateMs = this.#due === undefined ? 0 : now - this.#due;
    if (lateMs <= LATE_MS) return 0;
    this.#due = undefined;
    return lateMs;
  }
}
