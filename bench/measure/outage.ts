import { median, percentile } from '../../common/median.ts';

/** What is known of one answer; milliseconds. */
export interface Moment {
  readonly at: number;
  readonly ms: number;
}

/** How an outage looked to clients. */
export interface Outage {
  /** Longest time without an answer, milliseconds. */
  readonly gapMs: number;
  /** 99th percentile of the times of all requests answered within {@link WINDOW_MS} of its beginning. */
  readonly p99Ms: number;
  /** Milliseconds until the rate was back at {@link FULL} of what it was; null: not within what was measured. */
  readonly fullAfterMs: number | null;
  /** Answers per second before. */
  readonly ratePerSecond: number;
}

/** Milliseconds after the fault that count as its time. */
export const WINDOW_MS = 5000;
/** What counts as the full rate again: load on a shared machine goes up and down by as much. */
export const FULL = 0.9;
/** The rate is looked at over so many milliseconds, and before the fault as a median of such pieces. */
const PIECE_MS = 500;
const STEP_MS = 50;

/**
 * Reads an outage out of the answers.
 * @param answers in the order of their times
 * @param faultAt when the fault happened; answers begin long enough before, and go on long enough after it
 */
export function outageOf(answers: readonly Moment[], faultAt: number): Outage {
  const times = answers.map(({ at }) => at);
  const before = ratesBetween(times, times[0] ?? faultAt, faultAt);
  const ratePerSecond = before.length === 0 ? 0 : median(before);
  const near = answers.filter(({ at }) => at >= faultAt && at < faultAt + WINDOW_MS);
  const points = [faultAt, ...times.filter((at) => at > faultAt && at < faultAt + WINDOW_MS)];
  const gaps = points.slice(1).map((at, index) => at - (points[index] ?? at));
  return {
    gapMs: gaps.length === 0 ? WINDOW_MS : Math.max(...gaps),
    p99Ms: near.length === 0 ? WINDOW_MS : percentile(near.map(({ ms }) => ms), 99),
    fullAfterMs: fullAgain(times, faultAt, ratePerSecond * FULL),
    ratePerSecond,
  };
}

const rateIn = (times: readonly number[], from: number): number => times.filter((at) => at >= from && at < from + PIECE_MS).length / (PIECE_MS / 1000);

function ratesBetween(times: readonly number[], from: number, to: number): readonly number[] {
  const count = Math.floor((to - from) / PIECE_MS);
  return Array.from({ length: count }, (_, index) => rateIn(times, from + index * PIECE_MS));
}

/** The end of the first piece after the gap that has this rate; the gap comes first, so that what was still on its way does not count. */
function fullAgain(times: readonly number[], faultAt: number, rate: number): number | null {
  const last = times.at(-1) ?? faultAt;
  const begin = endOfLongestGap(times.filter((at) => at >= faultAt && at < faultAt + WINDOW_MS), faultAt);
  for (let from = begin; from + PIECE_MS <= last; from += STEP_MS) {
    if (rateIn(times, from) >= rate) return from - faultAt;
  }
  return null;
}

function endOfLongestGap(times: readonly number[], faultAt: number): number {
  let [end, longest, previous] = [faultAt, 0, faultAt];
  for (const at of times) {
    if (at - previous > longest) [end, longest] = [at, at - previous];
    previous = at;
  }
  return end;
}
