import { highestPromise, highestRow } from './epoch.ts';
import type { AnsweringMember, ClusterObservation, EpochRow, MemberObservation } from './observation.ts';
import { answering } from './observation.ts';
import { FENCED_HOST } from '../../common/names.ts';
import { quorum } from '../../common/members.ts';
import { counts } from './quorum.ts';

/** Whether clients can write there. */
export const isOpen = ({ status }: AnsweringMember): boolean => !status.readOnly && !status.offline;

/** Whether it is as mysqld starts and as a demotion leaves it: no clients, no writes, no acknowledgement awaited. */
export const isClosed = ({ status }: AnsweringMember): boolean => status.offline && status.superReadOnly && !status.source;

/** Whether it follows nobody for good. */
export const isFenced = ({ status }: AnsweringMember): boolean => status.receiver.host === FENCED_HOST;

/** The member that the highest epoch row names, whatever its state; undefined when there is no row or it was wiped since. */
export function holderOf(members: readonly MemberObservation[]): { readonly row: EpochRow | undefined; readonly holder: MemberObservation | undefined } {
  const row = highestRow(members);
  const named = members.find(({ name }) => name === row?.member);
  const wiped = named?.status !== undefined && named.status.serverUuid !== row?.serverUuid;
  return { row, holder: wiped ? undefined : named };
}

/** The primary that serves: promoted under the highest row, open, answering. */
export function servingPrimary(members: readonly MemberObservation[]): AnsweringMember | undefined {
  const { holder } = holderOf(members);
  return answering(members).find((member) => member.name === holder?.name && isOpen(member));
}

/**
 * Whether somebody's failover stopped between its first promise and its epoch row: a number is promised that no row
 * shows. That row may exist all the same, unacknowledged, on a member that does not answer. Were the old primary to go
 * on, that member would come back with the highest epoch and win over everything acknowledged since: so a new epoch
 * comes first, even where nobody is fenced and the old primary works.
 */
export const isHalfDone = (members: readonly MemberObservation[]): boolean => highestPromise(members) > (holderOf(members).row?.epoch ?? 0);

/**
 * Which members a failover should wait for, since what restarted may have lost the end of its relay log in a power cut.
 * Nobody, when N − A have not restarted, or when the last primary answers itself (its binlog is synced at each commit),
 * provided that no promise points to a later one; nor after the time that the settings give for it.
 */
export function awaited(observation: ClusterObservation): readonly string[] {
  const { members, noPrimaryMs, coldStartMs } = observation;
  const there = answering(members);
  if (hasQuorumUnbroken(members) || lastPrimaryThere(members) !== undefined || noPrimaryMs >= coldStartMs) return [];
  return members.filter(({ name }) => there.every((member) => member.name !== name)).map(({ name }) => name);
}

/**
 * Whom a failover must not leave behind, though enough others can be fenced sooner: those whose answer ended the wait for
 * what {@link awaited} says, the last primary itself or, without it, all.
 */
export function indispensable({ members }: ClusterObservation): readonly string[] {
  const there = answering(members);
  if (hasQuorumUnbroken(members)) return [];
  const last = lastPrimaryThere(members);
  if (last !== undefined) return [last];
  return there.length === members.length ? there.map(({ name }) => name) : [];
}

const hasQuorumUnbroken = (members: readonly MemberObservation[]): boolean => answering(members).filter((member) => counts(member) && !member.status.offline).length >= quorum(members.length);

/** The last primary, where it answers and no promise points to a later one. */
function lastPrimaryThere(members: readonly MemberObservation[]): string | undefined {
  const { row, holder } = holderOf(members);
  return highestPromise(members) === row?.epoch ? answering(members).find(({ name }) => name === holder?.name)?.name : undefined;
}
