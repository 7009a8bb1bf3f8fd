/** A client stays away so long from an address that has failed it, in milliseconds: as long as two addresses in DNS need. */
export const AWAY_MS = 10_000;

/**
 * The addresses of the edge as one client sees them: it prefers one, and stays away from an address for ten seconds once a
 * connection to it was reset or not answered.
 */
export class Addresses {
  readonly #urls: readonly string[];
  readonly #now: () => number;
  readonly #backMs = new Map<string, number>();

  /**
   * @param urls scheme, host and port each; the first is preferred
   * @param now milliseconds
   */
  constructor(urls: readonly string[], now: () => number) {
    this.#urls = urls;
    this.#now = now;
  }

  /** Which to try, in this order: those that it stays away from last, since else nothing would be left to try. */
  inOrder(): readonly string[] {
    return this.#urls.toSorted((a, b) => this.#awayMs(a) - this.#awayMs(b));
  }

  /** Whether there is another one to go to. */
  get several(): boolean {
    return this.#urls.length > 1;
  }

  /** Stays away from one from now on. */
  leave(url: string): void {
    this.#backMs.set(url, this.#now() + AWAY_MS);
  }

  /** 0: not at all. */
  #awayMs(url: string): number {
    return Math.max(0, (this.#backMs.get(url) ?? 0) - this.#now());
  }
}

/** The addresses in the order in which the n-th client prefers them: half of the clients begin with each of two. */
export const rotated = (urls: readonly string[], client: number): readonly string[] => {
  const from = urls.length === 0 ? 0 : client % urls.length;
  return [...urls.slice(from), ...urls.slice(0, from)];
};
