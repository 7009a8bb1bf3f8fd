/**
 * Numbers that look random and are the same for the same seed (mulberry32, public domain): small, fast and good enough to choose.
 * @param seed a whole number, of which the lowest 32 bits count
 * @returns what gives the next one, from 0 up to and without 1
 */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
