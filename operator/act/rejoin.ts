import { contains, count, EMPTY_GTID_SET, formatGtidSet, subtract } from '../../common/gtid.ts';
import { compare } from '../decide/errant.ts';
import { answering, everything } from '../decide/observation.ts';
import type { MemberStatus } from '../decide/observation.ts';
import { mayReceive } from '../decide/quorum.ts';
import { controlOf } from './crew.ts';
import type { Crew } from './crew.ts';
import { demote, needsDemotion } from './demote.ts';
import { reseed, wipeVerdict } from './reseed.ts';
import type { Reseeding } from './reseed.ts';

/** Between two looks at a member that applies or catches up, ms. */
const LOOK_MS = 20;
/** Without any progress for so long, a wait is given up and begun anew by a later round, ms. */
const NO_PROGRESS_MS = 15_000;
/** Characters of an error in an event. */
const SHOWN = 300;
/** How long a replica may show the primary's own hung commits before it is tried again, ms. */
const AHEAD_MS = 2000;

/** One member's way back. */
export interface Rejoining {
  readonly member: string;
  readonly primary: string;
  /** Ends the work between two steps. */
  readonly signal: AbortSignal;
  /** Told how far it is, for the status. */
  readonly report: (text: string) => void;
}

/**
 * Makes a good replica of whatever a member is: closes it, stops its receiver, compares, follows or re-seeds, and opens
 * it once it has all that the primary had.
 * @throws when a step fails; it may be begun again at any time
 */
export async function rejoin(crew: Crew, task: Rejoining): Promise<void> {
  const { clock, journal } = crew;
  const { member, primary, signal } = task;
  const from = clock.now();
  const [control, source] = [controlOf(crew, member), controlOf(crew, primary)];
  await crew.locks.of(member).take();
  const asFound = await control.status();
  if (needsDemotion(asFound) && (await demote(crew, member)) === 'restarted') return;
  signal.throwIfAborted();
  await stayWhereNeeded(crew, task, asFound);
  const own = await settled(crew, task);
  if (own.promise === undefined) await noLaterEpoch(crew, task);
  const theirs = await source.status();
  const comparison = compare({ member: everything({ status: own }), primary: theirs.executed, primaryPurged: theirs.purged, primaryUuid: theirs.serverUuid });
  switch (comparison.kind) {
    case 'ahead':
      await clock.sleep(AHEAD_MS, signal);
      throw new Error(`${member} has commits of ${primary} that still wait for their acknowledgement there`);
    case 'errant':
      journal.note(`${member} has ${count(comparison.errant)} transactions that ${primary} never had: ${formatGtidSet(comparison.errant)}`, { member });
      return replace(crew, { ...task, errant: comparison.errant, asFound }, own);
    case 'behind-binlogs':
      journal.note(`${member} lacks ${count(comparison.missing)} transactions that ${primary} no longer has in its binlogs`, { member });
      return reseed(crew, { ...task, errant: EMPTY_GTID_SET, asFound });
    case 'contained':
      if (own.isGivenUp && own.executed.size > 0) return replaceGivenUp(crew, { ...task, errant: EMPTY_GTID_SET, asFound }, own);
      if (own.applier.error !== '') return replaceBroken(crew, { ...task, errant: EMPTY_GTID_SET, asFound }, own);
      await control.follow(source.address, own);
      await catchUp(crew, { ...task, errant: EMPTY_GTID_SET, asFound }, theirs.executed);
      journal.note(`${member} follows ${primary}`, { member, durationMs: clock.now() - from });
  }
}

/**
 * A member with transactions of its own that already follows, since somebody had to acknowledge, goes on until it may be
 * re-seeded: to stop its receiver for a closer look would stop every write.
 */
async function stayWhereNeeded(crew: Crew, { member, primary }: Rejoining, asFound: MemberStatus): Promise<void> {
  const { host, port } = controlOf(crew, primary).address;
  if (asFound.receiver.state !== 'on' || asFound.receiver.host !== host || asFound.receiver.port !== port) return;
  const theirs = await controlOf(crew, primary).status();
  const comparison = compare({ member: asFound.executed, primary: theirs.executed, primaryPurged: theirs.purged, primaryUuid: theirs.serverUuid });
  if (comparison.kind !== 'errant') return;
  const verdict = await wipeVerdict(crew, { member, primary });
  if (verdict.kind === 'not-yet') throw new Error(`${member} must be re-seeded, but not yet: ${verdict.reason}`);
}

/** @throws while a member that was emptied, and has lost what it promised, must not acknowledge for the primary */
async function noLaterEpoch({ watch }: Crew, { member, primary }: Rejoining): Promise<void> {
  await watch.refresh();
  const known = watch.known();
  const holder = answering(known).find(({ name }) => name === primary);
  if (holder === undefined) throw new Error(`${member} cannot be compared: ${primary} does not answer`);
  const verdict = mayReceive(known, { member, primary: holder });
  if (verdict.kind === 'not-yet') throw new Error(`${member} may not receive from ${primary} yet: ${verdict.reason}`);
}

/** Re-seeds; where that must wait and the primary has nobody to acknowledge, the member follows meanwhile, closed. */
async function replace(crew: Crew, task: Reseeding, own: MemberStatus): Promise<void> {
  const verdict = await wipeVerdict(crew, task);
  if (verdict.kind === 'not-yet') {
    await controlOf(crew, task.member).follow(controlOf(crew, task.primary).address, own);
    throw new Error(`${task.member} must be re-seeded, but not yet: ${verdict.reason}; it follows meanwhile, closed`);
  }
  return reseed(crew, task);
}

/**
 * Its re-seed was begun and not finished: a CLONE removes tables first and the record of what was executed last, so that its set may name what
 * it has no longer. It holds no copy of anything, and must not count as one.
 */
async function replaceGivenUp(crew: Crew, task: Reseeding, own: MemberStatus): Promise<void> {
  crew.journal.note(`${task.member} was to be re-seeded and was not: what it still has is not relied on`, { member: task.member });
  return replace(crew, task, own);
}

/** Its receiver stopped and everything received applied: only then does its set say what it has. */
async function settled(crew: Crew, { member, signal, report }: Rejoining): Promise<MemberStatus> {
  const control = controlOf(crew, member);
  await control.stopReceiver();
  await control.startApplier(await control.status());
  return until(crew, { signal, report }, async () => {
    const status = await control.status();
    if (contains(status.executed, status.received)) return { done: status };
    if (status.applier.error !== '') return { done: status };
    return { left: count(subtract(status.received, status.executed)), what: `${member} applies what it received` };
  });
}

/**
 * What it cannot apply now it could not apply before either: only a copy helps. While that must wait it goes on receiving:
 * its relay log acknowledges, and lets another be re-seeded first. Only with its receiver stopped is anything decided: else
 * it may acknowledge between the verdict and the end of its data.
 */
async function replaceBroken(crew: Crew, task: Reseeding, { applier, receiver }: MemberStatus): Promise<void> {
  const { member, primary } = task;
  crew.journal.note(`${member} cannot apply what it receives: ${applier.error.slice(0, SHOWN)}`, { member });
  const { host, port } = controlOf(crew, primary).address;
  await controlOf(crew, member).stopReceiver();
  const verdict = await wipeVerdict(crew, { member, primary });
  if (verdict.kind === 'may') return reseed(crew, task);
  if (receiver.host === host && receiver.port === port) await controlOf(crew, member).startReceiver();
  throw new Error(`${member} must be re-seeded, but not yet: ${verdict.reason}`);
}

/** It counts, and serves reads, once it has all that the primary had when it began to follow. */
async function catchUp(crew: Crew, task: Reseeding, target: MemberStatus['executed']): Promise<void> {
  const { member, signal, report, asFound } = task;
  const control = controlOf(crew, member);
  const status = await until(crew, { signal, report }, async () => {
    const now = await control.status();
    if (contains(now.executed, target)) return { done: now };
    if (now.receiver.error !== '' && now.receiver.state === 'off') throw new Error(`${member}: its receiver stopped: ${now.receiver.error}`);
    if (now.applier.error !== '' && asFound.applier.error !== '') return { done: now };
    if (now.applier.error !== '') throw new Error(`${member}: its applier stopped: ${now.applier.error.slice(0, SHOWN)}`);
    return { left: count(subtract(target, now.executed)), what: `${member} catches up` };
  });
  if (!contains(status.executed, target)) return replaceBroken(crew, task, status);
  if (status.promise?.own !== true) await control.promise(Math.max(status.row?.epoch ?? 1, status.promise?.epoch ?? 1), status.serverUuid);
  if (status.offline) await control.openAsReplica();
  await control.warmReplicationLogin();
}

type Look<T> = { readonly done: T } | { readonly left: number; readonly what: string };

async function until<T>({ clock }: Crew, { signal, report }: Pick<Rejoining, 'signal' | 'report'>, look: () => Promise<Look<T>>): Promise<T> {
  let best = { left: Infinity, at: clock.now() };
  for (;;) {
    signal.throwIfAborted();
    const seen = await look();
    if ('done' in seen) return seen.done;
    report(`${seen.what}: ${seen.left} transactions left`);
    if (seen.left < best.left) best = { left: seen.left, at: clock.now() };
    if (clock.now() - best.at > NO_PROGRESS_MS) throw new Error(`${seen.what}: ${seen.left} transactions left, and no progress for ${NO_PROGRESS_MS} ms`);
    await clock.sleep(LOOK_MS, signal);
  }
}
