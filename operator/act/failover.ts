import { acknowledgements, quorum } from '../../common/members.ts';
import type { Failover } from '../decide/decision.ts';
import { nextEpoch } from '../decide/epoch.ts';
import type { AnsweringMember, MemberObservation } from '../decide/observation.ts';
import { counts, mayFence } from '../decide/quorum.ts';
import { controlOf, crewUntil, RefusedError, settleEnough } from './crew.ts';
import type { Crew } from './crew.ts';
import { drain } from './drain.ts';
import { electAmong } from './election.ts';
import { fenceOne } from './fence.ts';
import { NotLeadingError } from './locks.ts';
import { promote } from './promote.ts';

/** How long a look at a member may take, ms. */
const LOOK_MS = 500;
/** How long the others get once enough members have answered or are fenced, ms. */
const GRACE_MS = 150;

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
  const fenced = await fenceAll(crew, seen, { epoch, needed: decision.accept === undefined ? quorum(crew.platform.members.length) : 0, must: decision.must ?? [] });
  const fencedAt = clock.now();
  journal.note(`${fenced.map(({ name }) => name).join(', ')} fenced, epoch ${epoch} promised`, { durationMs: fencedAt - from });
  const winner = await electAmong(crew, fenced, { epoch, prefer: decision.prefer, accept: decision.accept });
  journal.note(`${winner.name} elected: ${winner.reason}`, { member: winner.name, durationMs: clock.now() - fencedAt });
  await promote(crew, { member: winner.name, status: winner.status, epoch, followers: winner.followers, acknowledgements: decision.accept === undefined ? acknowledgements(crew.platform.members.length) : 0 });
  journal.note(`${winner.name} promoted, epoch ${epoch}, ${Math.round(clock.now() - from)} ms`, { member: winner.name, durationMs: clock.now() - from });
  return winner.name;
}

/** Sees that N − A members answer now, in the sessions that would fence them. Until here nothing has changed anywhere. */
async function look(crew: Crew, { fence, accept, must = [] }: Failover): Promise<readonly AnsweringMember[]> {
  const needed = quorum(crew.platform.members.length);
  const looks = fence.map(async (name): Promise<AnsweringMember> => {
    const control = controlOf(crew, name);
    const lock = crew.locks.of(name);
    if (lock.occupied) throw new NotLeadingError(`${name} is being re-seeded`);
    await lock.take();
    const { host, port } = control.address;
    return { name, address: { host, port }, contact: { kind: 'answers' }, status: await control.status(LOOK_MS), stalledMs: 0, strangeMs: 0, work: undefined };
  });
  const seen = await settleEnough(crew.clock, looks, { enough: must.length > 0 ? fence.length : needed, graceMs: GRACE_MS });
  notWithout(must, seen);
  const verdict = mayFence(withoutOthers(crew, seen), undefined);
  if (verdict.kind === 'too-few' && accept === undefined) throw new RefusedError(`no failover: ${verdict.reason}`, verdict.remedy);
  return seen;
}

/** Members that restarted may have lost the end of their relay logs: who knows more must take part. */
function notWithout(must: readonly string[], members: readonly AnsweringMember[]): void {
  const missing = must.filter((name) => members.every((member) => member.name !== name));
  if (missing.length > 0) throw new RefusedError(`no failover without ${missing.join(' and ')}: too few others have run without a break`, 'It is tried again.');
}

/** All N members, those not seen as silent. */
function withoutOthers(crew: Crew, seen: readonly AnsweringMember[]): readonly MemberObservation[] {
  return crew.platform.members.map(
    ({ name, host, port }) =>
      seen.find((member) => member.name === name) ?? { name, address: { host, port }, contact: { kind: 'silent', forMs: 0 }, status: undefined, stalledMs: 0, strangeMs: 0, work: undefined },
  );
}

/** Fences all that were seen, and has them promise. N − A that count must succeed; who is late is left as it is then: it may be needed to acknowledge. */
async function fenceAll(crew: Crew, seen: readonly AnsweringMember[], { epoch, needed, must }: { epoch: number; needed: number; must: readonly string[] }): Promise<readonly AnsweringMember[]> {
  const late = new AbortController();
  const within = crewUntil(crew, late.signal);
  const fences = seen.map((member) => fenceOne(within, member, epoch));
  for (const { name } of seen) void controlOf(crew, name).takePen();
  const uncounted = seen.filter((member) => !counts(member)).length;
  const fenced = await settleEnough(crew.clock, fences, { enough: needed === 0 || must.length > 0 ? seen.length : needed + uncounted, graceMs: GRACE_MS });
  late.abort(new Error('Enough others are fenced, or too few: this fence comes too late'));
  notWithout(must, fenced);
  const good = fenced.filter(counts).length;
  if (good < needed) throw new RefusedError(`only ${good} of ${needed} members could be fenced`, 'It is tried again; start the members that do not answer.');
  return fenced;
}
