import { contains } from '../../common/gtid.ts';
import { acknowledgements, quorum } from '../../common/members.ts';
import { highestRow } from './epoch.ts';
import type { AnsweringMember, MemberObservation } from './observation.ts';
import { answering, everything } from './observation.ts';

/**
 * Whether a member's data proves anything: it has promised an epoch under its own server_uuid, so it has held the
 * primary's whole set since it was last empty, and its settings keep what it acknowledges.
 */
export const counts = (member: AnsweringMember): boolean => member.status.promise?.own === true && member.status.unsafe.length === 0;

const applies = ({ status }: AnsweringMember): boolean => status.applier.error === '';

/**
 * Whether so many of them can follow whoever would be elected, as far as binlogs were purged: who has all that they have,
 * or, where each has something of its own, who has the highest epoch row.
 */
function canFollow(witnesses: readonly AnsweringMember[], followers: number): boolean {
  const complete = witnesses.filter((one) => witnesses.every((other) => contains(everything(one), everything(other))));
  const best = complete.length > 0 ? complete : witnesses.filter(({ status }) => status.row?.epoch === highestRow(witnesses)?.epoch);
  return best.some((one) => witnesses.filter((other) => other !== one && contains(everything(other), one.status.purged)).length >= followers);
}

/** Whether a failover may begin. */
export type FenceVerdict =
  | { readonly kind: 'may'; readonly fence: readonly string[]; readonly drain: boolean }
  | { readonly kind: 'too-few'; readonly reason: string; readonly remedy: string };

/**
 * Looks before anybody is fenced: at least N − A members that count must answer. Fewer could not stop the old primary
 * from acknowledging, and fencing them anyway would make an outage of a primary that works. A living old primary is one
 * of them only when the others do not suffice, or when so many of them cannot apply what they received that maybe none of
 * them can be promoted; then it must be drained (closed in order) before the rest.
 * @param members all N
 * @param livingPrimary name of a primary that is open for writes and answers
 */
export function mayFence(members: readonly MemberObservation[], livingPrimary: string | undefined): FenceVerdict {
  const needed = quorum(members.length);
  const there = answering(members);
  const others = there.filter(({ name }) => name !== livingPrimary);
  const fence = others.map(({ name }) => name);
  const witnesses = others.filter(counts);
  const isLiving = there.some((member) => member.name === livingPrimary && counts(member));
  if (witnesses.length >= needed && (!isLiving || (witnesses.filter(applies).length >= needed && canFollow(witnesses, acknowledgements(members.length))))) return { kind: 'may', fence, drain: false };
  if (there.filter(counts).length >= needed) return { kind: 'may', fence, drain: true };
  return { kind: 'too-few', reason: tooFew(members, there, needed), remedy: remedyFor(members) };
}

/** What somebody who lost its promise is told. */
export type ReceiveVerdict = { readonly kind: 'may' } | { readonly kind: 'not-yet'; readonly reason: string };

/**
 * Whether a member that lost its data, and with it what it had promised, may receive from the primary, and so acknowledge
 * for it. It may have promised a later epoch together with others, one of whom was promoted and is away: then this primary
 * is deposed, and must not find an acknowledger. Any N − A members that it was one of have a member in common with any
 * A + 1 of the others: so many must answer, and know of no later epoch.
 */
export function mayReceive(members: readonly MemberObservation[], { member, primary }: { readonly member: string; readonly primary: AnsweringMember }): ReceiveVerdict {
  const others = members.filter(({ name }) => name !== member);
  const epoch = primary.status.row?.epoch ?? 0;
  const later = others.find(({ status }) => (status?.promise?.epoch ?? 0) > epoch || (status?.row?.epoch ?? 0) > epoch);
  if (later !== undefined) return { kind: 'not-yet', reason: `${later.name} knows an epoch after ${epoch}, which comes first` };
  const needed = acknowledgements(members.length) + 1;
  const there = answering(others).map(({ name }) => name);
  if (there.length >= needed) return { kind: 'may' };
  const away = others.filter(({ name }) => !there.includes(name)).map(({ name }) => name);
  return { kind: 'not-yet', reason: `${member} has lost what it promised, so ${needed} others must answer that there is no later epoch, and ${away.join(' and ')} does not: start ${away.join(' or ')} again, without its data where that is lost` };
}

function tooFew(members: readonly MemberObservation[], there: readonly AnsweringMember[], needed: number): string {
  const good = there.filter(counts).map(({ name }) => name);
  const bad = members.filter(({ name }) => !good.includes(name)).map(whyNot);
  return `${needed} of ${members.length} members must be fenced, and ${good.length} can be (${[...good, 'no'].slice(0, Math.max(1, good.length)).join(', ')}): ${bad.join('; ')}`;
}

function whyNot({ name, contact, status }: MemberObservation): string {
  if (contact.kind !== 'answers' || status === undefined) return `${name} does not answer`;
  if (status.unsafe.length > 0) return `${name} is not safe: ${status.unsafe.join(', ')}`;
  return `${name} does not count, since it was wiped or is new and has not yet held all that the primary had`;
}

function remedyFor(members: readonly MemberObservation[]): string {
  const away = members.filter(({ contact }) => contact.kind !== 'answers').map(({ name }) => name);
  if (away.length > 0) return `Start ${away.join(' or ')} again with the data that it had.`;
  return 'Put right the settings that are named, or start the last primary again with the data that it had.';
}
