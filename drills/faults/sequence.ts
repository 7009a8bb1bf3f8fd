import type { Damage } from '../verdict/judge.ts';

/** Collects what a fault of several steps does and what is seen of it. */
export class Sequence {
  readonly #now: () => number;
  readonly #evidence: string[] = [];
  readonly #marks: { readonly atMs: number; readonly text: string }[] = [];
  #firstMs: number | null = null;
  #lastMs = 0;

  /** @param now the drill's clock, in milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Something is about to be done to the stack: the time of the fault, for the first; the start of healing, for the last. */
  did(text: string): void {
    this.#lastMs = this.#now();
    this.#firstMs ??= this.#lastMs;
    this.#marks.push({ atMs: this.#lastMs, text });
    this.#evidence.push(`${Math.round(this.#lastMs - this.#firstMs)} ms: ${text}`);
  }

  /** Something was seen. */
  saw(text: string): void {
    this.#evidence.push(`${Math.round(this.#now() - (this.#firstMs ?? 0))} ms: ${text}`);
  }

  /** All of it. No connection of a client is a victim of it. */
  damage(): Damage {
    return { evidence: this.#evidence, marks: this.#marks, firstMs: this.#firstMs ?? this.#now(), lastMs: this.#lastMs, heldPorts: new Set() };
  }
}
