import { randomFrom } from '../../common/random.ts';

/** What a simulation draws from: the same for the same seed. */
export class Random {
  /** From 0 up to, and without, 1. */
  readonly next: () => number;

  /**
   * @param seed any whole number
   * @param stream tells apart several sources of the same seed
   */
  constructor(seed: number, stream = 0) {
    this.next = randomFrom(Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(stream + 1, 0xc2b2ae35) ^ Math.floor(seed / 2 ** 32));
    for (let warm = 0; warm < 3; warm += 1) this.next();
  }

  /** From `least` up to, and without, `most`. */
  between(least: number, most: number): number {
    return least + this.next() * (most - least);
  }

  /** A whole number from `least` to `most`, both included. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** @throws Error when there is nothing to pick */
  pick<T>(list: readonly T[]): T {
    const picked = list[Math.floor(this.next() * list.length)];
    if (picked === undefined) throw new Error('Picking from an empty list: give it an entry.');
    return picked;
  }

  /** Spreads over orders of magnitude: short is as likely as long. */
  spread(least: number, most: number): number {
    return least * (most / least) ** this.next();
  }
}
