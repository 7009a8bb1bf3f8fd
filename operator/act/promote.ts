import type { MemberStatus } from '../decide/observation.ts';
import { controlOf } from './crew.ts';
import type { Crew } from './crew.ts';
import { demote, needsDemotion } from './demote.ts';
import { keepsRelayLog } from './election.ts';

/** Whom to promote, and who follows. */
export interface Promotion {
  readonly member: string;
  /** Its status as read after the fence. */
  readonly status: MemberStatus;
  readonly epoch: number;
  /** Fenced members whose set the new primary contains. */
  readonly followers: readonly Follower[];
  /** A; 0 only where a person accepted losses, and nobody may be there to acknowledge the row. */
  readonly acknowledgements: number;
}

/** A fenced member with its status as read after the fence. */
export interface Follower {
  readonly name: string;
  readonly status: MemberStatus;
}

/**
 * Makes a fenced member the primary. The followers' repointing runs at the same time, since the epoch row waits for
 * their acknowledgement; clients get in only after it.
 * @throws when the row was not acknowledged in time: the promotion is half-done then, and the next round rolls it forward
 */
export async function promote(crew: Crew, { member, status, epoch, followers, acknowledgements }: Promotion): Promise<void> {
  const { clock, journal } = crew;
  const control = controlOf(crew, member);
  const from = clock.now();
  const repointed = followers.map((follower) => repoint(crew, follower, member));
  await Promise.all([control.becomeSource(acknowledgements, status), control.takePen()]);
  crew.locks.of(member);
  await control.writeEpochRow(epoch);
  const acknowledged = clock.now();
  journal.note(`${member}: epoch row ${epoch} acknowledged`, { member, durationMs: acknowledged - from });
  await control.openAsPrimary();
  journal.note(`${member} open for writes`, { member, durationMs: clock.now() - acknowledged });
  if (status.promise?.own !== true) await control.promise(epoch, status.serverUuid);
  void Promise.all(repointed);
}

/** A follower that fails is repaired by a later round. */
async function repoint(crew: Crew, { name, status }: Follower, primary: string): Promise<void> {
  const { clock, journal } = crew;
  const from = clock.now();
  try {
    const isHalfPromoted = needsDemotion(status);
    if (isHalfPromoted && (await demote(crew, name)) === 'restarted') return;
    const control = controlOf(crew, name);
    // What it received goes with its relay log: it counts again once it has received everything anew.
    if (!isHalfPromoted && !keepsRelayLog(status, controlOf(crew, primary).address)) await control.disown();
    await control.follow(controlOf(crew, primary).address, isHalfPromoted ? await control.status() : status);
    journal.note(`${name} follows ${primary}`, { member: name, durationMs: clock.now() - from });
  } catch (error) {
    journal.note(`${name} could not be pointed at ${primary}: ${(error as Error).message}`, { member: name });
  }
}
