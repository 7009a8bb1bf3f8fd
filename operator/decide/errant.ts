import { subtract } from '../../common/gtid.ts';
import type { GtidSet } from '../../common/gtid.ts';

/** How a member's data stands to the primary's. */
export type Comparison =
  | { readonly kind: 'contained' }
  /** It has what the primary's history never had: saved, then re-seeded. */
  | { readonly kind: 'errant'; readonly errant: GtidSet }
  /** It lacks what the primary's binlogs no longer have: re-seeded. */
  | { readonly kind: 'behind-binlogs'; readonly missing: GtidSet }
  /** It has transactions of the primary's own that still wait for their acknowledgement there: ask again. */
  | { readonly kind: 'ahead'; readonly ahead: GtidSet };

/** What {@link compare} compares. */
export interface Compared {
  /** The member's executed set, read after its receiver had stopped and everything received was applied. */
  readonly member: GtidSet;
  /** The primary's executed set, read after the member's: else what was committed in between looks errant. */
  readonly primary: GtidSet;
  readonly primaryPurged: GtidSet;
  readonly primaryUuid: string;
}

/**
 * Errant or not. A commit that waits for its acknowledgement is in the primary's binlog and may be on a replica before
 * it is in the primary's executed set: a number of the primary's own above all that it has executed is no stranger's.
 */
export function compare({ member, primary, primaryPurged, primaryUuid }: Compared): Comparison {
  const extra = subtract(member, primary);
  const missing = subtract(primaryPurged, member);
  if (extra.size === 0) return missing.size === 0 ? { kind: 'contained' } : { kind: 'behind-binlogs', missing };
  return isAhead(extra, primary, primaryUuid) ? { kind: 'ahead', ahead: extra } : { kind: 'errant', errant: extra };
}

/**
 * True where a member has numbers of the primary's own above all that the primary has executed: commits that wait there for
 * an acknowledgement, which may be on its way from this member.
 */
export const hasHung = (member: GtidSet, primary: GtidSet, primaryUuid: string): boolean => lastOf(member, primaryUuid) > lastOf(primary, primaryUuid);

const lastOf = (set: GtidSet, uuid: string): number => set.get(uuid)?.at(-1)?.last ?? 0;

function isAhead(extra: GtidSet, primary: GtidSet, primaryUuid: string): boolean {
  const last = lastOf(primary, primaryUuid);
  return [...extra].every(([key, intervals]) => key === primaryUuid && intervals.every(({ first }) => first > last));
}
