/**
 * Numbers that look random and are the same for the same seed, from 0 to below 1: Mulberry32, small and good enough to choose.
 * @param seed a whole number
 */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** One of these. @throws Error when there are none */
export function oneOf<T>(random: () => number, all: readonly T[]): T {
  const chosen = all[Math.floor(random() * all.length)];
  if (chosen === undefined) throw new Error('Choosing failed: there is nothing to choose from.');
  return chosen;
}

/** A whole number of milliseconds between two, each decade as likely as the next: short times matter as much as long ones. */
export const between = (random: () => number, fromMs: number, toMs: number): number => Math.round(fromMs * (toMs / fromMs) ** random());
