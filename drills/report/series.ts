import { isWrite, type Operation } from '../load/history.ts';

/** What was asked and answered in one slice of time. */
export interface Slice {
  readonly fromMs: number;
  /** Requests that ended in it. */
  readonly reads: number;
  readonly writes: number;
  readonly failed: number;
  /** The longest wait of those that ended in it; null: none did. */
  readonly slowestReadMs: number | null;
  readonly slowestWriteMs: number | null;
}

/** A time, cut into slices of equal length. */
export interface Series {
  readonly sliceMs: number;
  readonly slices: readonly Slice[];
}

/** Widths of slices, in milliseconds. */
const WIDTHS = [100, 200, 250, 500, 1000, 2000, 5000, 10_000] as const;
const MOST_SLICES = 240;

/** The narrowest width that cuts a time into no more slices than a picture has room for. */
export const sliceFor = (spanMs: number): number => WIDTHS.find((width) => spanMs / width <= MOST_SLICES) ?? 10_000;

/**
 * Cuts operations into slices.
 * @param fromMs where the first begins
 * @param toMs where the last ends, at the earliest
 */
export function seriesOf(operations: readonly Operation[], fromMs: number, toMs: number, sliceMs = sliceFor(toMs - fromMs)): Series {
  const count = Math.max(1, Math.ceil((toMs - fromMs) / sliceMs));
  const slices = Array.from({ length: count }, (_, index) => ({
    fromMs: fromMs + index * sliceMs, reads: 0, writes: 0, failed: 0, slowestReadMs: null as number | null, slowestWriteMs: null as number | null,
  }));
  for (const one of operations) {
    const slice = slices[Math.floor((one.endedMs - fromMs) / sliceMs)];
    if (slice === undefined) continue;
    const tookMs = one.endedMs - one.startedMs;
    if (one.failure !== null) slice.failed += 1;
    if (isWrite(one)) {
      slice.writes += 1;
      slice.slowestWriteMs = Math.max(slice.slowestWriteMs ?? 0, tookMs);
    } else {
      slice.reads += 1;
      slice.slowestReadMs = Math.max(slice.slowestReadMs ?? 0, tookMs);
    }
  }
  return { sliceMs, slices };
}

/** Slices of several stretches of time as one series, as wide as a picture needs them. */
export function merged(slices: readonly Slice[], fromMs: number, toMs: number): Series {
  const sliceMs = sliceFor(toMs - fromMs);
  const groups = Map.groupBy(slices, (slice) => Math.floor((slice.fromMs - fromMs) / sliceMs));
  const slowest = (values: readonly (number | null)[]): number | null => values.reduce((most, value) => (value === null ? most : Math.max(most ?? 0, value)), null);
  const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);
  return {
    sliceMs,
    slices: Array.from({ length: Math.max(1, Math.ceil((toMs - fromMs) / sliceMs)) }, (_, index) => {
      const group = groups.get(index) ?? [];
      return {
        fromMs: fromMs + index * sliceMs, reads: sum(group.map((one) => one.reads)), writes: sum(group.map((one) => one.writes)), failed: sum(group.map((one) => one.failed)),
        slowestReadMs: slowest(group.map((one) => one.slowestReadMs)), slowestWriteMs: slowest(group.map((one) => one.slowestWriteMs)),
      };
    }),
  };
}
