/** As the Lease of Kubernetes: renewed while its holder runs, taken by another once it has expired. */
export class Lease {
  /** Nobody gets it before, ms. */
  lostUntil = 0;
  readonly isThere: boolean;
  #holder = '';
  #until = 0;
  readonly #last = new Map<string, number>();

  /** @param isThere false where the platform has none */
  constructor(isThere: boolean) {
    this.isThere = isThere;
  }

  /** Whether somebody else has it. */
  heldByOther(name: string, now: number): boolean {
    return this.#holder !== '' && this.#holder !== name && now < this.#until;
  }

  /** Whether an operator had it a moment ago. */
  heldLately(name: string, now: number): boolean {
    return now - (this.#last.get(name) ?? -Infinity) < LEASE_MS + LATELY_MS;
  }

  /** Takes or renews it. @returns whether it is held now */
  take(name: string, now: number): boolean {
    if (!this.isThere || this.heldByOther(name, now)) return false;
    if (now < this.lostUntil && this.#holder === name) this.#until = now;
    if (now < this.lostUntil && this.#holder === name) return false;
    this.#holder = name;
    this.#until = now + LEASE_MS;
    this.#last.set(name, now);
    return true;
  }
}

/** From the answer of the lease to the last statement that rests on it, ms. */
const LATELY_MS = 3000;
/** How long it holds without being renewed, ms. */
export const LEASE_MS = 5000;
/** How often it is renewed, ms. */
export const RENEW_MS = 1500;
