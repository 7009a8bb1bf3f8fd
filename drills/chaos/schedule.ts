import { randomFrom } from '../../common/random.ts';
import type { Ground } from '../faults/fault.ts';
import type { Drawn, Kind } from './faults.ts';
import { between, oneOf } from './random.ts';

/** One round: a pause, in which everything is healthy, and a fault. */
export interface Round<S extends Ground> extends Drawn<S> {
  /** Counts from 1. */
  readonly number: number;
  readonly pauseMs: number;
}

const SHORTEST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 3000;

/** Rounds without end; the same seed and the same kinds give the same ones. */
export function* schedule<S extends Ground>(seed: number, kinds: readonly Kind<S>[]): Generator<Round<S>, never> {
  const random = randomFrom(seed);
  for (let number = 1; ; number += 1) {
    const pauseMs = between(random, SHORTEST_PAUSE_MS, LONGEST_PAUSE_MS);
    yield { number, pauseMs, ...oneOf(random, kinds)(random) };
  }
}
