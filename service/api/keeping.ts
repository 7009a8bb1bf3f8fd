/** How long a moment lasts, and how many answers of one page in it an edge may keep. */
const MOMENT_MS = 50;
const ANSWERS = 8;

/**
 * Says which answers an edge is told to keep. When its page has run out all clients that ask in that moment come through,
 * thousands perhaps, and each answer that an edge keeps is a file that it writes over the one before. A few are enough,
 * and more than one, since this process does not know which edge asks, and all of them want the page.
 */
export class Keeping {
  readonly #told = new Map<string, number>();
  #since = -Infinity;

  /**
   * @param page what an edge keeps it under
   * @param now milliseconds of a clock that never goes back
   */
  tells(page: string, now: number): boolean {
    if (now - this.#since >= MOMENT_MS) {
      this.#told.clear();
      this.#since = now;
    }
    const told = this.#told.get(page) ?? 0;
    if (told >= ANSWERS) return false;
    this.#told.set(page, told + 1);
    return true;
  }
}
