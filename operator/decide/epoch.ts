import type { EpochRow, MemberObservation } from './observation.ts';

/** The highest epoch row that any member has ever shown; undefined when none has one. */
export function highestRow(members: readonly MemberObservation[]): EpochRow | undefined {
  let top: EpochRow | undefined;
  for (const { status } of members) if (status?.row !== undefined && status.row.epoch > (top?.epoch ?? -1)) top = status.row;
  return top;
}

/** The highest number that any member has ever promised; 0 when none. */
export const highestPromise = (members: readonly MemberObservation[]): number => Math.max(0, ...members.map(({ status }) => status?.promise?.epoch ?? 0));

/** The number for the next promotion: above every row and every promise seen, so that no two promotions share one. */
export const nextEpoch = (members: readonly MemberObservation[]): number => 1 + Math.max(highestRow(members)?.epoch ?? 0, highestPromise(members));
