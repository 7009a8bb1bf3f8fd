import { contains, union } from '../../common/gtid.ts';
import { acknowledgements, quorum } from '../../common/members.ts';
import type { Failover } from '../decide/decision.ts';
import { elect } from '../decide/elect.ts';
import type { Election } from '../decide/elect.ts';
import { nextEpoch } from '../decide/epoch.ts';
import type { AnsweringMember, MemberObservation, MemberStatus } from '../decide/observation.ts';
import { counts, mayFence } from '../decide/quorum.ts';
import { controlOf, RefusedError, settleEnough } from './crew.ts';
import type { Crew } from './crew.ts';
import { drain } from './drain.ts';
import { NotLeadingError } from './locks.ts';
import { promote } from './promote.ts';

/** How long a look at a member may take, ms. */
const LOOK_MS = 500;
/** How long the others get once enough members have answered or are fenced, ms. */
const GRACE_MS = 150;
/** A member that applies nothing for so long is not waited for any more, ms. */
const STUCK_MS = 10_000;
/** Between two looks at members that apply, ms. */
const APPLYING_MS = 5;

/**
 * Look, fence, promise, apply, elect, promote. Every step may be repeated, so a failover that somebody left half-done is
 * simply done again under a new epoch.
 * @returns the new primary
 * @throws RefusedError when too few can be fenced (nobody is then) or none may be promoted
 */
export async function failover(crew: Crew, decision: Failover): Promise<string> {
  try {
    return await changePrimary(crew, decision);
  } finally {
    for (const control of crew.controls.values()) control.closePen();
  }
}

async function changePrimary(crew: Crew, decision: Failover): Promise<string> {
  const { clock, journal } = crew;
  const from = clock.now();
  if (decision.drain) await drain(crew, decision);
  const seen = await look(crew, decision.drain && decision.from !== undefined ? { ...decision, fence: [...decision.fence, decision.from] } : decision);
  const epoch = nextEpoch([...crew.watch.known(), ...seen]);
  const fenced = await fenceAll(crew, seen, { epoch, needed: decision.accept === undefined ? quorum(crew.platform.members.length) : 0 });
  const fencedAt = clock.now();
  journal.note(`${fenced.map(({ name }) => name).join(', ')} fenced, epoch ${epoch} promised`, { durationMs: fencedAt - from });
  const winner = await electAmong(crew, fenced, decision);
  journal.note(`${winner.name} elected: ${winner.reason}`, { member: winner.name, durationMs: clock.now() - fencedAt });
  await promote(crew, { member: winner.name, status: winner.status, epoch, followers: winner.followers, acknowledgements: decision.accept === undefined ? acknowledgements(crew.platform.members.length) : 0 });
  journal.note(`${winner.name} promoted, epoch ${epoch}, ${Math.round(clock.now() - from)} ms`, { member: winner.name, durationMs: clock.now() - from });
  return winner.name;
}

/** Sees that N − A members answer now, in the sessions that would fence them. Until here nothing has changed anywhere. */
async function look(crew: Crew, { fence, accept }: Failover): Promise<readonly AnsweringMember[]> {
  const needed = quorum(crew.platform.members.length);
  const looks = fence.map(async (name): Promise<AnsweringMember> => {
    const control = controlOf(crew, name);
    const lock = crew.locks.of(name);
    if (lock.occupied) throw new NotLeadingError(`${name} is being re-seeded`);
    await lock.take();
    const { host, port } = control.address;
    return { name, address: { host, port }, contact: { kind: 'answers' }, status: await control.status(LOOK_MS), stalledMs: 0, strangeMs: 0, work: undefined };
  });
  const seen = await settleEnough(crew.clock, looks, { enough: needed, graceMs: GRACE_MS });
  const verdict = mayFence(withoutOthers(crew, seen), undefined);
  if (verdict.kind === 'too-few' && accept === undefined) throw new RefusedError(`no failover: ${verdict.reason}`, verdict.remedy);
  return seen;
}

/** All N members, those not seen as silent. */
function withoutOthers(crew: Crew, seen: readonly AnsweringMember[]): readonly MemberObservation[] {
  return crew.platform.members.map(
    ({ name, host, port }) =>
      seen.find((member) => member.name === name) ?? { name, address: { host, port }, contact: { kind: 'silent', forMs: 0 }, status: undefined, stalledMs: 0, strangeMs: 0, work: undefined },
  );
}

/** Fences all that were seen, and has them promise. N − A that count must succeed. */
async function fenceAll(crew: Crew, seen: readonly AnsweringMember[], { epoch, needed }: { epoch: number; needed: number }): Promise<readonly AnsweringMember[]> {
  const fences = seen.map(async (member): Promise<AnsweringMember> => {
    const control = controlOf(crew, member.name);
    void control.takePen();
    await control.fence(member.status);
    await control.promise(epoch, undefined);
    const status = await control.status();
    if (!contains(union(status.executed, status.received), member.status.received)) {
      await control.disown();
      throw new RefusedError(`${member.name} lost received transactions while it was fenced`, 'Start the last primary again with the data that it had.');
    }
    return { ...member, status };
  });
  const uncounted = seen.filter((member) => !counts(member)).length;
  const fenced = await settleEnough(crew.clock, fences, { enough: needed === 0 ? seen.length : needed + uncounted, graceMs: GRACE_MS });
  const good = fenced.filter(counts).length;
  if (good < needed) throw new RefusedError(`only ${good} of ${needed} members could be fenced`, 'It is tried again; start the members that do not answer.');
  return fenced;
}

interface Winner {
  readonly name: string;
  readonly status: MemberStatus;
  readonly reason: string;
  readonly followers: readonly AnsweringMember[];
}

/** Lets the fenced apply what they received until one may be promoted. */
async function electAmong(crew: Crew, fenced: readonly AnsweringMember[], { prefer, accept }: Failover): Promise<Winner> {
  const progress = new Map<string, { left: string; at: number }>();
  let members = fenced;
  for (;;) {
    const election = accept === undefined ? elect(members, { prefer, stuck: [...progress].filter(([, { at }]) => crew.clock.now() - at > STUCK_MS).map(([name]) => name) }) : accepted(members, accept);
    switch (election.kind) {
      case 'elected': return winnerOf(crew, members, election);
      case 'refused': throw new RefusedError(`nobody can be promoted: ${election.reason}`, election.remedy);
      case 'wait':
        crew.journal.note(`waits: ${election.members.join(', ')} still apply what they received`);
        await crew.clock.sleep(APPLYING_MS);
        members = await again(crew, members);
        noteProgress(progress, members, crew.clock.now());
    }
  }
}

/** The member whose losses a person has accepted, once it has applied what it received. */
function accepted(members: readonly AnsweringMember[], name: string): Election {
  const member = members.find((one) => one.name === name);
  if (member === undefined) return { kind: 'refused', reason: `${name} could not be fenced`, remedy: 'Ask for the plan again.' };
  if (!contains(member.status.executed, member.status.received) && member.status.applier.error === '') return { kind: 'wait', members: [name], reason: `${name} still applies` };
  return { kind: 'elected', member: name, reason: 'a person accepted what is lost by it' };
}

function winnerOf({ platform }: Crew, members: readonly AnsweringMember[], { member, reason }: Extract<Election, { kind: 'elected' }>): Winner {
  const elected = members.find(({ name }) => name === member);
  if (elected === undefined) throw new Error(`${member} was elected and is none of the fenced members`);
  return { name: member, status: elected.status, reason, followers: followersOf(members, { primary: elected, needed: acknowledgements(platform.members.length) }) };
}

async function again(crew: Crew, members: readonly AnsweringMember[]): Promise<readonly AnsweringMember[]> {
  return Promise.all(members.map(async (member) => ({ ...member, status: await controlOf(crew, member.name).status() })));
}

function noteProgress(progress: Map<string, { left: string; at: number }>, members: readonly AnsweringMember[], now: number): void {
  for (const { name, status } of members) {
    const left = JSON.stringify([...status.executed]);
    if (progress.get(name)?.left !== left) progress.set(name, { left, at: now });
  }
}

/** Whether changing its source throws nothing away that it received. */
const keepsRelayLog = ({ applier, executed, received }: MemberStatus): boolean => applier.running || contains(executed, received);

/**
 * Who may follow at once: whoever has nothing that the winner lacks, and whom the winner's binlogs can still serve. Are
 * those too few to acknowledge the epoch row, members with transactions of their own follow as well, closed: what they
 * receive is in their relay logs, and they cannot be re-seeded before somebody is the primary.
 */
function followersOf(members: readonly AnsweringMember[], { primary, needed }: { primary: AnsweringMember; needed: number }): readonly AnsweringMember[] {
  const able = members.filter(({ name, status }) => name !== primary.name && status.superReadOnly && !status.source && contains(status.executed, primary.status.purged) && keepsRelayLog(status));
  const equal = able.filter(({ status }) => contains(primary.status.executed, union(status.executed, status.received)));
  return equal.length >= needed ? equal : able.filter((member) => counts(member));
}
