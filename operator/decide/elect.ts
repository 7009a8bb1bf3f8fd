import { contains, count, formatGtidSet, intersection, ofServer, subtract, union } from '../../common/gtid.ts';
import type { GtidSet } from '../../common/gtid.ts';
import { counts } from './quorum.ts';
import type { AnsweringMember } from './observation.ts';
import { everything } from './observation.ts';

/** The outcome of an election among fenced members. */
export type Election =
  | { readonly kind: 'elected'; readonly member: string; readonly reason: string }
  /** Ask again when one of these has applied more. */
  | { readonly kind: 'wait'; readonly members: readonly string[]; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string; readonly remedy: string };

/** What {@link elect} may be told. */
export interface ElectionOptions {
  /** Of the equally good, this one. */
  readonly prefer?: string | undefined;
  /** Members that have made no progress for so long that nobody waits for them. */
  readonly stuck?: readonly string[];
}

const leftToApply = ({ status }: AnsweringMember): GtidSet => subtract(status.received, status.executed);
const epochOf = ({ status }: AnsweringMember): number => status.row?.epoch ?? 0;
const namesOf = (members: readonly AnsweringMember[]): readonly string[] => members.map(({ name }) => name);

/**
 * Whom to promote, of members that can receive nothing more. The highest epoch row wins; of those, the set that contains
 * the others'. "Contains all" alone would refuse for ever when an old primary with transactions of its own is among
 * them, and "has most" might pick it. A row may still lie in a relay log, so everything received is applied first, but
 * where one member has already applied all that anybody has.
 * @param fenced at least N − A members that count, with their status as read after the fence
 */
export function elect(fenced: readonly AnsweringMember[], { prefer, stuck = [] }: ElectionOptions = {}): Election {
  const voters = fenced.filter(counts);
  const complete = voters.filter(({ status }) => fenced.every((other) => contains(status.executed, everything(other))));
  if (complete.length > 0) return elected(complete, fenced, prefer);
  const applying = voters.filter((member) => count(leftToApply(member)) > 0);
  const waiting = applying.filter(({ name, status }) => status.applier.error === '' && !stuck.includes(name));
  if (waiting.length > 0) return { kind: 'wait', members: namesOf(waiting), reason: waiting.map(describeBacklog).join(', ') };
  return amongEpoch(voters, { all: fenced, prefer });
}

function amongEpoch(voters: readonly AnsweringMember[], { all, prefer }: { all: readonly AnsweringMember[]; prefer: string | undefined }): Election {
  const top = Math.max(...voters.map(epochOf));
  const contenders = voters.filter((member) => epochOf(member) === top);
  const complete = contenders.filter(({ status }) => contenders.every((other) => contains(status.executed, other.status.executed)));
  const winners = complete.length > 0 ? complete : withHistory(contenders);
  const best = winners[0];
  if (best === undefined) return incomparable(contenders);
  const holdingBack = voters.filter((member) => !contains(best.status.executed, leftToApply(member)));
  return holdingBack.length > 0 ? unapplied(holdingBack) : elected(winners, all, prefer);
}

/**
 * Who has all that an epoch's history can hold, where each has what another lacks: a deposed primary that follows closed
 * until it can be re-seeded has the row too. Whoever has the row has all that came before it, in the order of the binlog
 * of the primary that wrote it. So what is not of that primary's own, and what another who has the row lacks, never was
 * part of the history: nobody acknowledged it in this epoch or before. Whoever has least of such is first.
 */
function withHistory(contenders: readonly AnsweringMember[]): readonly AnsweringMember[] {
  const writers = new Set(contenders.map(({ status }) => status.row?.serverUuid));
  const [writer] = writers;
  if (writer === undefined || writers.size > 1) return [];
  const sets = contenders.map(({ status }) => status.executed);
  const history = union(sets.reduce(intersection), ...sets.map((set) => ofServer(set, writer)));
  const able = contenders.filter(({ status }) => contains(status.executed, history));
  const strange = ({ status }: AnsweringMember): number => count(subtract(status.executed, history));
  const least = Math.min(...able.map(strange));
  return able.filter((member) => strange(member) === least);
}

/** Among equals: half-promoted already, then one whose binlogs every other can still start from, then the preferred. */
function elected(equals: readonly AnsweringMember[], all: readonly AnsweringMember[], prefer: string | undefined): Election {
  const rank = (member: AnsweringMember): number =>
    (all.every((other) => contains(everything(other), member.status.purged)) ? 0 : 4) + (member.name === prefer ? 0 : 2) + (member.status.superReadOnly ? 1 : 0);
  const [first] = [...equals].sort((a, b) => rank(a) - rank(b));
  if (first === undefined) return { kind: 'refused', reason: 'no fenced member counts', remedy: 'Start the last primary again with the data that it had.' };
  const others = equals.length === 1 ? 'it alone has everything' : `it is as good as ${namesOf(equals.filter(({ name }) => name !== first.name)).join(' and ')}`;
  return { kind: 'elected', member: first.name, reason: `of epoch ${epochOf(first)}, ${others}` };
}

const describeBacklog = (member: AnsweringMember): string => `${member.name} has ${count(leftToApply(member))} received transactions left to apply`;

function incomparable(contenders: readonly AnsweringMember[]): Election {
  const [a, b] = contenders;
  const differences = a === undefined || b === undefined ? '' : `: ${a.name} alone has ${formatGtidSet(subtract(a.status.executed, b.status.executed))}, ${b.name} alone ${formatGtidSet(subtract(b.status.executed, a.status.executed))}`;
  return {
    kind: 'refused',
    reason: `${namesOf(contenders).join(' and ')} are of the same epoch, and neither has all that the other has${differences}`,
    remedy: 'Start the missing members again, or accept the loss, of which you are told first: npm run failover -- --accept-loss (on Kubernetes: docs/kubernetes.md).',
  };
}

function unapplied(members: readonly AnsweringMember[]): Election {
  const each = members.map(({ name, status }) => `${name} has received transactions that it cannot apply${status.applier.error === '' ? '' : ` (${status.applier.error})`}`);
  return { kind: 'refused', reason: each.join('; '), remedy: 'Start the last primary again with the data that it had, or mend what the applier says.' };
}
