import type { LoadResult } from '../load/generator.ts';
import { median, medianRatio } from '../../common/median.ts';
import type { Row, Target } from './row.ts';

/** Something that is loaded, in turns with others. */
export interface Contestant {
  readonly what: string;
  /** Loads it once. */
  readonly run: (seconds: number, signal: AbortSignal) => Promise<LoadResult>;
}

/** How often and how long. */
export interface Pace {
  readonly pairs: number;
  readonly seconds: number;
  readonly signal: AbortSignal;
  /** Called before each load, with what is loaded. */
  readonly step: (text: string) => void;
}

/** All results of one contestant, one for each turn. */
export type Results = readonly LoadResult[];

/** Seconds of each contestant's first load, which does not count: caches, compiled code, open connections. */
const WARM_UP_S = 2;

/**
 * Loads contestants in turns: each once in every turn, every other turn in the reverse order, so that none always comes after
 * the same other.
 * @returns results in the order of the contestants
 */
export async function alternate<const C extends readonly Contestant[]>(contestants: C, pace: Pace): Promise<{ readonly [K in keyof C]: Results }> {
  const { pairs, seconds, signal, step } = pace;
  const results = contestants.map((): LoadResult[] => []);
  for (const { what, run } of contestants) {
    step(`${what}: warming up`);
    await run(WARM_UP_S, signal);
  }
  for (const { turn, index } of turns(contestants.length, pairs)) {
    const contestant = contestants[index];
    if (contestant === undefined) throw new RangeError(`There is no contestant ${index}.`);
    step(`${contestant.what}: ${turn} of ${pairs}`);
    results[index]?.push(await contestant.run(seconds, signal));
  }
  return results as unknown as { readonly [K in keyof C]: Results };
}

/** Whose turn it is, from the first to the last; turns counted from 1. */
export function turns(count: number, pairs: number): readonly { readonly turn: number; readonly index: number }[] {
  const forth = Array.from({ length: count }, (_, index) => index);
  const back = forth.toReversed();
  return Array.from({ length: pairs }, (_, turn) => (turn % 2 === 0 ? forth : back).map((index) => ({ turn: turn + 1, index }))).flat();
}

const rates = (results: Results): readonly number[] => results.map(({ perSecond }) => perSecond);

/** One contestant's figures, beside another's where there is one. */
export function rowOf(what: string, results: Results, beside?: { readonly what: string; readonly results: Results; readonly target?: Target }): Row {
  const all = rates(results);
  return {
    what,
    value: median(all),
    unit: 'requests/s',
    range: [Math.min(...all), Math.max(...all)],
    p99Ms: median(results.map(({ p99Ms }) => p99Ms)),
    loadCpu: median(results.map(({ cpu }) => cpu)),
    failed: results.reduce((sum, { failed }) => sum + failed, 0),
    ...(beside === undefined ? {} : {
      beside: { what: beside.what, value: median(rates(beside.results)) },
      ratio: medianRatio(all, rates(beside.results)),
      ...(beside.target === undefined ? {} : { target: beside.target }),
    }),
  };
}
