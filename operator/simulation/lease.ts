/** As the Lease of Kubernetes: renewed while its holder runs, taken by another once it has expired. */
export class Lease {
  /** Nobody gets it before, ms. */
  lostUntil = 0;
  readonly isThere: boolean;
  #holder = '';
  #until = 0;

  /** @param isThere false where the platform has none */
  constructor(isThere: boolean) {
    this.isThere = isThere;
  }

  /** Whether somebody else has it. */
  heldByOther(name: string, now: number): boolean {
    return this.#holder !== '' && this.#holder !== name && now < this.#until;
  }

  /** Takes or renews it. @returns whether it is held now */
  take(name: string, now: number): boolean {
    if (!this.isThere || this.heldByOther(name, now)) return false;
    if (now < this.lostUntil && this.#holder === name) this.#until = now;
    if (now < this.lostUntil && this.#holder === name) return false;
    this.#holder = name;
    this.#until = now + LEASE_MS;
    return true;
  }
}

/** How long it holds without being renewed, ms. */
export const LEASE_MS = 5000;
/** How often it is renewed, ms. */
export const RENEW_MS = 1500;
