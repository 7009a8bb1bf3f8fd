import { count, formatGtidSet, subtract } from '../common/gtid.ts';
import type { Crew } from './act/crew.ts';
import type { AnsweringMember, ClusterObservation, MemberObservation } from './decide/observation.ts';
import { holderOf, isFenced, isOpen, servingPrimary } from './decide/roles.ts';
import type { ControlLoop } from './loop.ts';

/** A member's role as people see it. */
export type Role = 'primary' | 'replica' | 'fenced' | 'closed' | 'unreachable' | 'reseeding' | 'rejoining';

/** The JSON of `GET /status`. */
export function statusOf(name: string, crew: Crew, loop: ControlLoop): Record<string, unknown> {
  const observation = loop.observe();
  const { members } = observation;
  const primary = servingPrimary(members);
  return {
    name,
    acting: crew.locks.leads,
    paused: loop.paused,
    epoch: holderOf(members).row?.epoch ?? 0,
    primary: primary?.name ?? null,
    situation: loop.decided?.situation ?? 'starting',
    decision: loop.decided ?? null,
    members: members.map((member) => memberStatus(member, { observation, crew, loop, primary })),
    events: crew.journal.events,
  };
}

interface Context {
  readonly observation: ClusterObservation;
  readonly crew: Crew;
  readonly loop: ControlLoop;
  readonly primary: AnsweringMember | undefined;
}

function memberStatus(member: MemberObservation, { crew, loop, primary }: Context): Record<string, unknown> {
  const { name, status } = member;
  const watcher = crew.watch.watchers.find((one) => one.member.name === name);
  const known = status === undefined || primary === undefined ? undefined : { missing: subtract(primary.status.executed, status.executed), errant: subtract(status.executed, primary.status.executed) };
  return {
    name,
    role: roleOf(member, primary),
    epoch: status?.row?.epoch ?? 0,
    promised: status?.promise?.epoch ?? 0,
    counts: status?.promise?.own === true && status.unsafe.length === 0,
    serverUuid: status?.serverUuid ?? null,
    executed: status === undefined ? null : formatGtidSet(status.executed),
    missing: known === undefined ? null : formatGtidSet(known.missing),
    missingCount: known === undefined ? null : count(known.missing),
    errant: known === undefined || member.strangeMs === 0 ? '' : formatGtidSet(known.errant),
    lagSeconds: status?.receiver.heardMs === undefined || name === primary?.name ? 0 : Math.round(status.receiver.heardMs) / 1000,
    lastContactMs: watcher === undefined ? null : Math.round(crew.clock.now() - watcher.times.answeredAt),
    evidence: evidenceOf(member, primary?.name),
    work: member.work ?? null,
    problem: loop.repairs.problem(name) ?? null,
  };
}

function roleOf(member: MemberObservation, primary: AnsweringMember | undefined): Role {
  const { contact, status, work } = member;
  if (contact.kind !== 'answers' || status === undefined) return work === undefined ? 'unreachable' : 'reseeding';
  const answering = { ...member, status };
  if (member.name === primary?.name && isOpen(answering)) return 'primary';
  if (work !== undefined) return 'rejoining';
  if (isFenced(answering)) return 'fenced';
  if (status.offline) return 'closed';
  return status.receiver.state === 'off' ? 'closed' : 'replica';
}

function evidenceOf({ name, contact, status, stalledMs, strangeMs }: MemberObservation, primary: string | undefined): readonly string[] {
  const evidence = [contact.kind === 'silent' ? `no answer for ${Math.round(contact.forMs)} ms` : contact.kind === 'unusable' ? contact.problem : contact.kind];
  // A primary's receiver is off, and its last error is of before the promotion.
  if (status !== undefined && status.receiver.host !== '' && name !== primary) evidence.push(`receiver ${status.receiver.state}${status.receiver.error === '' ? '' : `: ${status.receiver.error}`}`);
  if (status !== undefined && status.applier.error !== '') evidence.push(`applier: ${status.applier.error}`);
  if (stalledMs > 0) evidence.push(`commits hang for ${Math.round(stalledMs)} ms`);
  if (strangeMs > 0) evidence.push(`transactions that the primary lacks, for ${Math.round(strangeMs)} ms`);
  return evidence;
}
