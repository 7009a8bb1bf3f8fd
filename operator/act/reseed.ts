import type { GtidSet } from '../../common/gtid.ts';
import { contains, count, formatGtidSet, sameGtidSet } from '../../common/gtid.ts';
import { USERS } from '../../common/names.ts';
import { highestPromise } from '../decide/epoch.ts';
import type { MemberStatus } from '../decide/observation.ts';
import { answering } from '../decide/observation.ts';
import { mayWipe } from '../decide/wipe.ts';
import type { WipeVerdict } from '../decide/wipe.ts';
import type { MemberControl } from './control.ts';
import { controlOf } from './crew.ts';
import type { Crew } from './crew.ts';

/** How long a CLONE may take, ms. */
const CLONE_MS = 6 * 3600 * 1000;
/** Between two looks at a CLONE's progress, ms. */
const PROGRESS_MS = 500;
const ER_RESTART_SERVER_FAILED = 3707;

/** A member to re-seed. */
export interface Reseeding {
  readonly member: string;
  readonly primary: string;
  readonly signal: AbortSignal;
  /** Told how far it is, for the status. */
  readonly report: (text: string) => void;
  /** What only this member has; empty when it has nothing of its own. */
  readonly errant: GtidSet;
  /** Its status before anything was done to it. */
  readonly asFound: MemberStatus;
}

/** Replaces a member's data by a copy, once nothing that might be the last copy goes with it. */
export async function reseed(crew: Crew, task: Reseeding): Promise<void> {
  const { clock, journal, tally } = crew;
  const { member } = task;
  const from = clock.now();
  const donor = await crew.wipes.take(() => giveUpData(crew, task));
  if (donor === undefined) return controlOf(crew, member).restart();
  await clone(crew, task, donor);
  journal.note(`${member} re-seeded from ${donor}`, { member, durationMs: clock.now() - from });
  tally.reseed(member);
}

/**
 * Lets a member count no more, once its data may go.
 * @returns whose copy it gets; undefined when it must be restarted first
 */
async function giveUpData(crew: Crew, task: Reseeding): Promise<string | undefined> {
  const { journal, tally } = crew;
  const { member, primary, signal, errant, asFound } = task;
  const saved = errant.size === 0 || (!asFound.touched && contains(asFound.executed, errant));
  const verdict = await wipeVerdict(crew, task);
  if (verdict.kind === 'not-yet') throw new Error(`${member} must be re-seeded, but not yet: ${verdict.reason}`);
  signal.throwIfAborted();
  if (!saved) {
    journal.note(`${member} is restarted, so that its last binlog is kept before its data is replaced`, { member });
    return undefined;
  }
  const donor = pickDonor(crew, { member, primary, primarySet: (await controlOf(crew, primary).status()).executed });
  await handOnPromise(crew, member);
  if (errant.size > 0) {
    journal.note(`${member}: ${count(errant)} transactions of its own are kept in its binlogs outside the data folder: ${formatGtidSet(errant)}`, { member });
    tally.errantSaved(member, count(errant));
  }
  await controlOf(crew, member).disown();
  return donor;
}

/** Whether the member's data may go, as far as the others are concerned; everything is asked anew. */
export async function wipeVerdict(crew: Crew, { member, primary }: { readonly member: string; readonly primary: string }): Promise<WipeVerdict> {
  const primarySet = (await controlOf(crew, primary).status()).executed;
  await crew.watch.refresh();
  return mayWipe({ members: crew.watch.known(), victim: member, primary, primarySet, saved: true });
}

/** A replica that has everything and nothing else (it might be errant itself), so that the primary is spared; else the primary. */
function pickDonor({ watch }: Crew, { member, primary, primarySet }: { member: string; primary: string; primarySet: GtidSet }): string {
  const known = watch.known();
  const able = answering(known).find(({ name, status }) => name !== member && name !== primary && sameGtidSet(status.executed, primarySet) && status.promise?.epoch === highestPromise(known));
  return able?.name ?? primary;
}

/** The number that the member has promised goes with its data: the others promise it first, or two promotions might share it. */
async function handOnPromise(crew: Crew, member: string): Promise<void> {
  const highest = highestPromise(crew.watch.known());
  const others = answering(crew.watch.known()).filter(({ name, status }) => name !== member && (status.promise?.epoch ?? 0) < highest);
  for (const { name } of others) {
    await crew.locks.of(name).take();
    await controlOf(crew, name).promise(highest, undefined);
  }
}

async function clone(crew: Crew, { member, report }: Reseeding, donor: string): Promise<void> {
  const control = controlOf(crew, member);
  const { host, port } = controlOf(crew, donor).address;
  crew.journal.note(`${member} is re-seeded from ${donor}`, { member });
  await control.stopReplica();
  await control.run('SET GLOBAL read_only = ON, GLOBAL super_read_only = OFF');
  await control.run('SET GLOBAL clone_valid_donor_list = ?', undefined, [`${host}:${port}`]);
  const watched = new AbortController();
  void watchClone(crew, control, { signal: watched.signal, report: (text) => report(`re-seeded from ${donor}: ${text}`) });
  try {
    await control.run(`CLONE INSTANCE FROM '${USERS.replication}'@?:${port} IDENTIFIED BY ?`, CLONE_MS, [host, control.replicationPassword]);
  } catch (error) {
    if (!endsByItself(error)) throw error;
  } finally {
    watched.abort();
  }
  await control.gone();
}

/** Tells how far a CLONE is, while it runs: nothing depends on it. */
async function watchClone({ clock }: Crew, control: MemberControl, { signal, report }: Pick<Reseeding, 'signal' | 'report'>): Promise<void> {
  const from = clock.now();
  while (!signal.aborted) {
    const progress = await control.cloneProgress().catch(() => undefined);
    const rate = progress === undefined ? 0 : progress.done / Math.max(1, clock.now() - from) / 1000;
    if (progress !== undefined && !signal.aborted) report(`${mega(progress.done)} of ${mega(progress.estimate)} MB, ${rate.toFixed(1)} MB/s`);
    await clock.sleep(PROGRESS_MS, signal).catch(() => undefined);
  }
}

const mega = (bytes: number): string => (bytes / 1e6).toFixed(0);

/** A recipient ends its mysqld when it is done: the connection goes, or it says so. */
const endsByItself = (error: unknown): boolean => error instanceof Error && (/Connection lost|ECONNRESET|EPIPE/.test(error.message) || ('errno' in error && error.errno === ER_RESTART_SERVER_FAILED));
