import { quorum } from '../../common/members.ts';
import type { AnsweringMember, MemberObservation } from './observation.ts';
import { answering } from './observation.ts';

/**
 * Whether a member's data proves anything: it has promised an epoch under its own server_uuid, so it has held the
 * primary's whole set since it was last empty, and its settings keep what it acknowledges.
 */
export const counts = (member: AnsweringMember): boolean => member.status.promise?.own === true && member.status.unsafe.length === 0;

const applies = ({ status }: AnsweringMember): boolean => status.applier.error === '';

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
  if (witnesses.length >= needed && (!isLiving || witnesses.filter(applies).length >= needed)) return { kind: 'may', fence, drain: false };
  if (there.filter(counts).length >= needed) return { kind: 'may', fence, drain: true };
  return { kind: 'too-few', reason: tooFew(members, there, needed), remedy: remedyFor(members) };
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
