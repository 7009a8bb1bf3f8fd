import { ofServer, subtract, union } from '../../common/gtid.ts';
import type { MemberStatus } from '../decide/observation.ts';
import { controlOf } from './crew.ts';
import type { Crew } from './crew.ts';
import { closeClients, demote, needsDemotion } from './demote.ts';
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
  const opened = Promise.withResolvers<boolean>();
  const repointed = followers.map((follower) => repoint(crew, follower, { name: member, status, isOpen: opened.promise }));
  try {
    await Promise.all([control.becomeSource(acknowledgements, status), control.takePen()]);
    crew.locks.of(member);
    await control.writeEpochRow(epoch);
    const acknowledged = clock.now();
    journal.note(`${member}: epoch row ${epoch} acknowledged`, { member, durationMs: acknowledged - from });
    await control.openAsPrimary();
    journal.note(`${member} open for writes`, { member, durationMs: clock.now() - acknowledged });
    opened.resolve(true);
  } finally {
    opened.resolve(false);
  }
  if (status.promise?.own !== true) await control.promise(epoch, status.serverUuid);
  void Promise.all(repointed);
}

/** Whom the others follow. */
interface Winner extends Follower {
  /** Whether it was opened under its new epoch row, once that is known. */
  readonly isOpen: Promise<boolean>;
}

/** A follower that fails is repaired by a later round. */
async function repoint(crew: Crew, { name, status }: Follower, winner: Winner): Promise<void> {
  const { clock, journal } = crew;
  const from = clock.now();
  try {
    const isHalfPromoted = needsDemotion(status);
    if (isHalfPromoted && (await demote(crew, name)) === 'restarted') return;
    const control = controlOf(crew, name);
    const closed = !isHalfPromoted && !status.offline && mayShowTooMuch(status, winner.status);
    if (closed) await closeClients(crew, control);
    // What it received goes with its relay log: it counts again once it has received everything anew.
    if (!isHalfPromoted && !keepsRelayLog(status, controlOf(crew, winner.name).address)) await control.disown();
    await control.follow(controlOf(crew, winner.name).address, isHalfPromoted ? await control.status() : status);
    journal.note(`${name} follows ${winner.name}`, { member: name, durationMs: clock.now() - from });
    if (closed && (await winner.isOpen)) await control.openAsReplica();
  } catch (error) {
    journal.note(`${name} could not be pointed at ${winner.name}: ${(error as Error).message}`, { member: name });
  }
}

/**
 * Whether the follower will get what nobody has acknowledged: commits of the winner's own from when it was the primary, or
 * half. Until the epoch row is acknowledged somebody else's epoch may win that does not have them, so nobody may read them:
 * the follower is closed until then.
 */
const mayShowTooMuch = ({ executed, received }: MemberStatus, winner: MemberStatus): boolean =>
  !winner.superReadOnly || ofServer(subtract(winner.executed, union(executed, received)), winner.serverUuid).size > 0;
