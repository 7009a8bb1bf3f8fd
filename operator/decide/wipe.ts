import { contains } from '../../common/gtid.ts';
import type { GtidSet } from '../../common/gtid.ts';
import { acknowledgements } from '../../common/members.ts';
import { highestRow } from './epoch.ts';
import { hasHung } from './errant.ts';
import type { AnsweringMember, MemberObservation } from './observation.ts';
import { answering, everything } from './observation.ts';
import { counts } from './quorum.ts';

/** Whether a member's data may be replaced. */
export type WipeVerdict = { readonly kind: 'may' } | { readonly kind: 'not-yet'; readonly reason: string };

/** What {@link mayWipe} asks. */
export interface WipeQuestion {
  readonly members: readonly MemberObservation[];
  /** Whose data would be replaced. */
  readonly victim: string;
  readonly primary: string;
  /** The primary's executed set as read after the victim's receiver had stopped. */
  readonly primarySet: GtidSet;
  /** Every errant transaction of the victim was there when its mysqld started, so that the hard links hold it. */
  readonly saved: boolean;
}

/**
 * Before a wipe: nothing that might be the last copy goes. What the victim acknowledged is on the primary, which may
 * die the moment after: so A other members must have everything too, received at least. Where the victim counts they must
 * count as well, since it is one of those that elect; where it does not, its going takes nothing from an election, and two
 * that cannot apply what they receive, and so never come to count, can be re-seeded one after the other. A commit that hangs on the
 * primary is in no set that others are compared with: the victim's acknowledgement of it may be on its way. Of one that still receives
 * that cannot be told, and need not: nothing is wiped before its receiver has stopped and it was asked about again. An empty member
 * holds no copy of anything.
 */
export function mayWipe({ members, victim, primary, primarySet, saved }: WipeQuestion): WipeVerdict {
  const no = (reason: string): WipeVerdict => ({ kind: 'not-yet', reason });
  const there = answering(members);
  const current = there.find(({ name }) => name === primary);
  const top = highestRow(members);
  if (current === undefined || !isPromoted(current) || top?.serverUuid !== current.status.serverUuid) return no(`${primary} is not the promoted primary of the current epoch`);
  const own = there.find(({ name }) => name === victim)?.status;
  if (own !== undefined && own.executed.size === 0 && own.received.size === 0) return { kind: 'may' };
  if (own !== undefined && own.receiver.state !== 'on' && hasHung(everything({ status: own }), primarySet, current.status.serverUuid)) return no(`${victim} may have acknowledged what still hangs on ${primary}`);
  const isRelied = own === undefined || own.promise?.own === true;
  const holders = there.filter(({ name, status }) => name !== victim && name !== primary && contains(everything({ status }), primarySet)).filter((one) => (isRelied ? counts(one) : mayHold(one)));
  const needed = acknowledgements(members.length);
  if (holders.length < needed) return no(`${needed} other members must have all that ${primary} has, and ${describeHolders(there, { victim, primary, primarySet })}`);
  return saved ? { kind: 'may' } : no(`${victim} must be restarted first, so that its last binlog is kept`);
}

/** Whether what it has received stays there, though it does not count. */
const mayHold = ({ status }: AnsweringMember): boolean => !status.isGivenUp && status.unsafe.length === 0;

const isPromoted = ({ status }: AnsweringMember): boolean => !status.readOnly && !status.offline;

function describeHolders(there: readonly AnsweringMember[], { victim, primary, primarySet }: { victim: string; primary: string; primarySet: GtidSet }): string {
  const others = there.filter(({ name }) => name !== victim && name !== primary);
  if (others.length === 0) return 'no other answers';
  return others.map(({ name, status }) => (contains(everything({ status }), primarySet) ? `${name} does not count yet` : `${name} is behind`)).join(', ');
}
