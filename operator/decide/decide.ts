import { count, subtract } from '../../common/gtid.ts';
import { quorum } from '../../common/members.ts';
import type { Decision, Repair, Situation } from './decision.ts';
import type { AnsweringMember, ClusterObservation, MemberObservation } from './observation.ts';
import { answering } from './observation.ts';
import { mayFence } from './quorum.ts';
import { repairsFor, whyRejoin } from './repair.ts';
import { awaited, holderOf, indispensable, isClosed, isHalfDone, isOpen } from './roles.ts';

/** A primary that answers neither the operator nor its replicas for so long is silent, ms. */
export const SILENCE_MS = 1000;
/** Commits that hang for so long are a stall, ms. */
export const STALL_MS = 1500;
/** The same while the replicas still hear the primary: its disk, or one huge transaction, ms. */
export const HEARD_STALL_MS = 3000;

/** How many transactions the next primary may lack when a switchover begins. */
const NEARLY = 500;

/**
 * What to do next. Pure: the same observation gives the same decision. Evidence only avoids needless failovers; that
 * they lose nothing is the fence's work.
 */
export function decide(observation: ClusterObservation): Decision {
  const { members } = observation;
  if (answering(members).every(isEmpty) && holderOf(members).row === undefined) return withoutData(observation);
  const { holder } = holderOf(members);
  if (holder === undefined) return failover(observation, 'no-primary', { reason: 'no member is the primary that the highest epoch names' });
  const { contact } = holder;
  switch (contact.kind) {
    case 'answers': return ofAnswering(observation, holder as AnsweringMember);
    case 'refused': return ofRefusing(observation, holder);
    case 'stopping': return failover(observation, 'stopping', { from: holder.name, reason: `${holder.name} says that it is shutting down` });
    case 'silent': return ofSilent(observation, holder, contact.forMs);
    case 'unusable': return fromHereOnly(holder, contact.problem);
  }
  return contact satisfies never;
}

const isEmpty = ({ status }: AnsweringMember): boolean => status.executed.size === 0 && status.received.size === 0;

/** Three wiped disks look like a first start, two wiped and a slow third as well: hence all N, and the mark. */
function withoutData({ members, initialised }: ClusterObservation): Decision {
  const there = answering(members);
  const [first] = members;
  const missing = members.filter(({ name }) => there.every((member) => member.name !== name)).map(({ name }) => name);
  if (missing.length > 0 || first === undefined) return { kind: 'wait', situation: initialised ? 'emptied' : 'first-start', reason: `no member that answers has data; all must answer first, and ${missing.join(', ')} does not` };
  const begun = there.every(({ status }) => status.promise?.own === true);
  if (!initialised || begun) return { kind: 'first-start', situation: 'first-start', primary: first.name, reason: begun ? 'a first start was begun on these very members' : 'all members are empty, and there has never been data' };
  return { kind: 'refuse', situation: 'emptied', reason: 'all members are empty, but this cluster has had data', remedy: 'Bring back a data folder that has the data, or begin anew without it: npm run reset (on Kubernetes: remove the installation with its data).' };
}

function ofAnswering(observation: ClusterObservation, holder: AnsweringMember): Decision {
  const { members, leaving } = observation;
  const { name } = holder;
  if (isClosed(holder)) return failover(observation, 'no-primary', { reason: `${name}, the last primary, is back and closed` });
  if (!isOpen(holder)) return notOpen(observation, holder);
  if (isHalfDone(members)) return failover(observation, 'half-done', { from: name, living: name, reason: 'a failover was begun and not finished: an epoch is promised that no member shows' });
  const repairs = repairsFor(members, holder).filter(({ member }) => !leaving.includes(member));
  if (isCutOff(observation, holder, repairs)) return failover(observation, 'stalled', { from: name, living: name, reason: `commits on ${name} have hung for ${Math.round(holder.stalledMs)} ms: it is cut off from its replicas, or its disk hangs` });
  const wanted = ofWish(observation, holder);
  if (wanted?.kind === 'failover') return wanted;
  if (repairs.length > 0) return { kind: 'repair', situation: 'degraded', repairs, reason: repairs.map(({ member, reason }) => `${member}: ${reason}`).join('; ') };
  if (wanted !== undefined) return wanted;
  const away = members.filter(({ contact }) => contact.kind !== 'answers').map((member) => member.name);
  const working = members.filter(({ work }) => work !== undefined).map((member) => `${member.name}: ${member.work}`);
  if (holder.stalledMs >= STALL_MS) return hanging(holder, away);
  const trouble = [...away.map((one) => `${one} does not answer`), ...working];
  return { kind: 'nothing', situation: trouble.length === 0 ? 'healthy' : 'degraded', reason: trouble.length === 0 ? `${name} is the primary, and all follow it` : trouble.join('; ') };
}

/** Another primary, while this one works: a person asked for it, or it is about to be stopped. */
function ofWish(observation: ClusterObservation, holder: AnsweringMember): Decision | undefined {
  const { switchover, leaving } = observation;
  if (switchover !== undefined && switchover.to !== holder.name) return ofSwitchover(observation, holder, { situation: 'switchover', to: switchover.to, why: `a person asked for ${switchover.to ?? 'another primary'}` });
  if (leaving.includes(holder.name)) return ofSwitchover(observation, holder, { situation: 'leaving', to: undefined, why: `${holder.name} is about to be stopped` });
  return undefined;
}

/** Who wants another primary, and whom. */
interface Wish {
  readonly situation: 'switchover' | 'leaving';
  readonly to: string | undefined;
  readonly why: string;
}

/** Only to a replica that stays and has nearly everything: the writes wait for the rest. Who was renewed already comes first. */
function ofSwitchover(observation: ClusterObservation, holder: AnsweringMember, { situation, to, why }: Wish): Decision {
  const { name, status } = holder;
  const { leaving, outdated } = observation;
  const candidates = answering(observation.members).filter((member) => member.name !== name && !leaving.includes(member.name) && (to === undefined || member.name === to));
  const ready = candidates.filter((member) => member.work === undefined && whyRejoin(member, holder) === undefined && count(subtract(status.executed, member.status.executed)) <= NEARLY);
  const whom = to ?? 'a replica';
  if (ready.length === 0) return { kind: 'wait', situation, reason: `${why}; waiting until ${whom} that stays follows ${name} and lacks at most ${NEARLY} transactions` };
  const best = ready.find((member) => !outdated.includes(member.name)) ?? ready[0];
  return failover(observation, situation, { from: name, living: name, drain: true, prefer: to ?? best?.name, reason: why });
}

function hanging({ name, stalledMs }: AnsweringMember, away: readonly string[]): Decision {
  const reason = `commits on ${name} have hung for ${Math.round(stalledMs)} ms`;
  if (away.length === 0) return { kind: 'wait', situation: 'suspected', reason };
  return { kind: 'refuse', situation: 'stalled', reason: `${reason}, and too few replicas answer to acknowledge them`, remedy: `Start ${away.join(' or ')} again.` };
}

/**
 * Commits hang though enough others answer that could take over and that are set to follow it: it is cut off from them,
 * or its disk hangs. Where a replica has to be repaired first, that may be all that is missing.
 */
function isCutOff(observation: ClusterObservation, { name, stalledMs }: AnsweringMember, repairs: readonly Repair[]): boolean {
  if (stalledMs < STALL_MS || repairs.length > 0) return false;
  const verdict = mayFence(observation.members, name);
  const heard = fedReplicas(observation, name).length > 0;
  return verdict.kind === 'may' && !verdict.drain && stalledMs >= (heard ? HEARD_STALL_MS : STALL_MS);
}

function notOpen(observation: ClusterObservation, { name, status }: AnsweringMember): Decision {
  if (!status.readOnly) return failover(observation, 'stopping', { from: name, living: name, reason: `${name} keeps clients out, as before a shutdown` });
  return failover(observation, 'half-done', { from: name, reason: `the promotion or demotion of ${name} was not finished` });
}

/** Acted on at once: nothing listens there any more. What the replicas heard last may be from just before. */
function ofRefusing(observation: ClusterObservation, { name }: MemberObservation): Decision {
  const fed = fedReplicas(observation, name);
  const second = fed.length === 0 ? ', and its replicas lost it too' : '';
  return failover(observation, 'crashed', { from: name, reason: `${name} is gone: it refuses connections${second}` });
}

function ofSilent(observation: ClusterObservation, holder: MemberObservation, forMs: number): Decision {
  const { name } = holder;
  const fed = fedReplicas(observation, name);
  if (observation.leaving.includes(name) && fed.length === 0) return failover(observation, 'leaving', { from: name, reason: `${name} was taken away, and answers no more` });
  if (forMs < SILENCE_MS) return { kind: 'wait', situation: 'suspected', reason: `${name} has not answered for ${Math.round(forMs)} ms` };
  if (fed.length > 0 && holder.stalledMs >= HEARD_STALL_MS) return failover(observation, 'stalled', { from: name, reason: `${name} lets clients in and has told them nothing for ${Math.round(holder.stalledMs)} ms, and nothing reaches its replicas: its disk hangs` });
  if (fed.length > 0) return fromHereOnly(holder, `no answer, but ${fed.join(' and ')} hear it`);
  return failover(observation, 'silent', { from: name, reason: `${name} has answered neither the operator nor its replicas for ${Math.round(forMs)} ms` });
}

const fromHereOnly = ({ name }: MemberObservation, problem: string): Decision =>
  ({ kind: 'nothing', situation: 'unreachable-from-here', reason: `only the operator cannot reach ${name}: ${problem}` });

/** Replicas whose receiver is connected and has heard lately, on their own clocks. */
function fedReplicas({ members }: ClusterObservation, primary: string): readonly string[] {
  const feeding = members.find(({ name }) => name === primary)?.address;
  return answering(members)
    .filter(({ name, status: { receiver } }) => name !== primary && receiver.state === 'on' && receiver.host === feeding?.host && receiver.port === feeding.port && (receiver.heardMs ?? Infinity) < SILENCE_MS)
    .map(({ name }) => name);
}

/** What differs between the ways into a failover. */
interface Why {
  readonly reason: string;
  readonly from?: string;
  /** The old primary, when it still answers and may be open. */
  readonly living?: string;
  readonly drain?: boolean;
  readonly prefer?: string | undefined;
}

function failover(observation: ClusterObservation, situation: Situation, { reason, from, living, drain = false, prefer }: Why): Decision {
  const verdict = mayFence(observation.members, living);
  if (verdict.kind === 'too-few') return { kind: 'refuse', situation, reason: `${reason}; ${verdict.reason}`, remedy: verdict.remedy };
  const waited = living === undefined ? awaited(observation) : [];
  if (waited.length > 0) return { kind: 'wait', situation, reason: `${reason}; too few members have run without a break, so ${waited.join(' and ')} may know more: waiting for them up to ${Math.round(observation.coldStartMs / 1000)} s` };
  return { kind: 'failover', situation, from, drain: drain || verdict.drain, fence: verdict.fence, must: living === undefined ? indispensable(observation) : [], prefer: prefer ?? staying(observation, verdict.fence), reason: `${reason}; ${verdict.fence.length} of ${observation.members.length} members can be fenced, ${quorum(observation.members.length)} must be` };
}

/** Among equals one that stays; undefined where all do. */
const staying = ({ leaving }: ClusterObservation, fence: readonly string[]): string | undefined =>
  leaving.length === 0 ? undefined : fence.find((name) => !leaving.includes(name));
