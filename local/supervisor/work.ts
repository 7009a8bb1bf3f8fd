/** A silent process is looked at over so long, in milliseconds. */
export const WORK_SPAN_MS = 1000;

/** Who has used so much of the processor over that time is not frozen, in milliseconds; it is told in steps of ten. */
const WORKED_MS = 30;

/** Processor time that a process had used at some times, in milliseconds, oldest first; at most {@link WORK_SPAN_MS} of them. */
export type Work = readonly { readonly at: number; readonly workedMs: number }[];

/** Nothing is known of it. */
export const NO_WORK: Work = [];

/** It had used so much at a time. What is older than the span that is looked at is forgotten, but for the newest of it. */
export function worked(work: Work, at: number, workedMs: number): Work {
  const from = work.findLastIndex((one) => at - one.at >= WORK_SPAN_MS);
  return [...work.slice(Math.max(0, from)), { at, workedMs }];
}

/** Whether it has worked; not before it was looked at for a whole {@link WORK_SPAN_MS}. */
export function isBusy(work: Work): boolean {
  const [first, last] = [work[0], work.at(-1)];
  return first !== undefined && last !== undefined && last.at - first.at >= WORK_SPAN_MS && last.workedMs - first.workedMs >= WORKED_MS;
}
