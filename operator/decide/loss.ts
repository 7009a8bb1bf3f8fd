import { count, formatGtidSet, subtract, union } from '../../common/gtid.ts';
import type { GtidSet } from '../../common/gtid.ts';
import { nextEpoch } from './epoch.ts';
import { counts } from './quorum.ts';
import type { AnsweringMember, MemberObservation } from './observation.ts';
import { answering, everything } from './observation.ts';

/** What a failover with loss would do; a person must have read it. */
export interface LossPlan {
  /** Who would be promoted. */
  readonly member: string;
  readonly epoch: number;
  /** Known transactions that would be lost: that another member has, or had when it last answered. */
  readonly lost: GtidSet;
  /** Members that may have more than they last showed. */
  readonly away: readonly string[];
  /** Changes when anything of the plan does. */
  readonly id: string;
  /** All of it in words. */
  readonly text: string;
}

const rank = (member: AnsweringMember): readonly number[] => [member.status.row?.epoch ?? 0, Number(counts(member)), count(everything(member))];

/**
 * The best that is left when the ordinary failover is refused: of the members that answer and have data, the highest epoch
 * row, then one that counts, then the most transactions.
 * @returns undefined when no member that answers has data
 */
export function planLoss(members: readonly MemberObservation[]): LossPlan | undefined {
  const able = answering(members).filter((member) => everything(member).size > 0 && member.status.applier.error === '');
  const [best] = [...able].sort((a, b) => compareRanks(rank(b), rank(a)));
  if (best === undefined) return undefined;
  const lost = subtract(union(...members.map(everything)), everything(best));
  const away = members.filter(({ contact }) => contact.kind !== 'answers').map(({ name }) => name);
  const epoch = nextEpoch(members);
  return { member: best.name, epoch, lost, away, id: [epoch, best.name, formatGtidSet(lost), away.join('+')].join('/'), text: describe(best.name, lost, away) };
}

const compareRanks = (a: readonly number[], b: readonly number[]): number => a.map((value, index) => value - (b[index] ?? 0)).find((difference) => difference !== 0) ?? 0;

function describe(member: string, lost: GtidSet, away: readonly string[]): string {
  const known = lost.size === 0 ? 'No transaction is known that it lacks.' : `${count(lost)} transactions that others have or had would be lost: ${formatGtidSet(lost)}.`;
  const unknown = away.length === 0 ? '' : ` Whatever ${away.join(' and ')} took after the last answer would be lost as well.`;
  return `${member} would become the primary. ${known}${unknown} What a member that comes back alone has is kept in its binlogs for a week. Writes go on once one more member is back, be it empty.`;
}
