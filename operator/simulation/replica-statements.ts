import { EPOCH_CHANNEL, FENCED_HOST } from '../../common/names.ts';
import type { Mysqld } from './mysqld.ts';
import { OK } from './server.ts';
import type { Handler } from './server.ts';
import { ModelError } from './world.ts';

/** How long a CLONE takes, ms. */
const CLONE_MS = [300, 3000] as const;
/** What was there so lately may have been seen before a fence, ms. */
const LATELY_MS = 3000;
/** What was sent so long ago was decided by what was seen before. */
const LATE_MS = 1000;
const mustStop = (what: string): { errno: number; message: string } => ({ errno: 3021, message: `This operation cannot be performed with a running replica ${what} thread; run STOP REPLICA first` });

/** STOP REPLICA, whole or the receiver alone. An applier in the middle of a commit is waited for first; not even a KILL ends that, and frees the lock (tried: conformance, seed 114). */
export const stopReplica: Handler = (mysqld, session, { sql, done }) => {
  const { replication, world, member } = mysqld;
  if (sql.includes('IO_THREAD')) {
    replication.stopReceiver();
    replication.stoppedAt = session.running?.sentAt ?? world.timeline.now;
    world.history?.note(member.name, 'stops its receiver');
    done(OK);
    return;
  }
  replication.applier.beginNothing();
  mysqld.when(() => !replication.applier.isCommitting, () => {
    replication.stopReceiver();
    replication.applier.stop();
    world.history?.note(member.name, 'stops receiver and applier');
    done(OK);
  });
};

/** START REPLICA, whole or one of the two. */
export const startReplica: Handler = (mysqld, _, { sql, done }) => {
  const { replication, world, member } = mysqld;
  if (member.disk.source === undefined) {
    done({ errno: 1200, message: 'The server is not configured as replica' });
    return;
  }
  if (!sql.includes('SQL_THREAD')) replication.startReceiver();
  if (!sql.includes('IO_THREAD')) replication.applier.start();
  world.history?.note(member.name, `starts ${sql.includes('SQL_THREAD') ? 'its applier' : sql.includes('IO_THREAD') ? 'its receiver' : 'receiver and applier'}, source ${member.disk.source.host}`);
  world.checks.changed(member);
  done(OK);
};

/** CHANGE REPLICATION SOURCE of the main channel or of the one that keeps the promise. Under a stopped applier it drops the relay log. */
export const changeSource: Handler = (mysqld, session, { sql, values, done }) => {
  const { member, replication, world } = mysqld;
  if (sql.endsWith(`FOR CHANNEL '${EPOCH_CHANNEL}'`)) {
    changePromise(mysqld, sql, done);
    return;
  }
  const host = /SOURCE_HOST = '([^']*)'/.exec(sql)?.[1] ?? String(values[0]);
  const auto = sql.includes('SOURCE_AUTO_POSITION = 1');
  if (replication.receiver !== 'off') done(mustStop('IO'));
  else if (auto && replication.applier.running) done(mustStop('SQL'));
  else {
    if (!replication.applier.running) {
      world.checks.dropped(member);
      member.dropRelay();
    }
    const isLate = world.timeline.now - Math.min(session.running?.sentAt ?? 0, replication.stoppedAt) > LATE_MS;
    if (host === FENCED_HOST && !isLate && world.initialised) world.checks.fenced(member, world.members.filter((one) => one.reachable(session.toPeer.to, LATELY_MS) && world.timeline.now - (one.answeredAt.get(session.toPeer.to) ?? -Infinity) < LATELY_MS));
    const before = member.disk.source;
    member.disk.source = { host, port: sql.includes('SOURCE_PORT') ? Number(values[1]) : (before?.port ?? 3306), autoPosition: auto || before?.autoPosition === true };
    world.history?.note(member.name, `source is ${host} from now on`);
    done(OK);
  }
};

function changePromise({ member, world }: Mysqld, sql: string, done: Parameters<Handler>[2]['done']): void {
  const before = member.disk.promise;
  if (before === undefined && sql.includes('RELAY_LOG_POS')) {
    done({ errno: 1380, message: 'Failed initializing relay log position' });
    return;
  }
  const host = /SOURCE_HOST = '([^']*)'/.exec(sql)?.[1] ?? before?.host ?? '';
  member.disk.promise = { host, user: /SOURCE_USER = '([^']*)'/.exec(sql)?.[1] ?? before?.user ?? '' };
  world.history?.note(member.name, sql.includes('SOURCE_HOST') ? `promises ${host.split('.')[0] ?? ''}` : 'counts no more');
  done(OK);
}

/** CLONE: removes all data, copies the donor's, ends mysqld. Broken off, it leaves nothing. */
export const clone: Handler = (mysqld, _, { values, done }) => {
  const { member, world } = mysqld;
  const donor = world.members.find((one) => world.addresses[one.index]?.host === values[0]);
  if (donor === undefined) throw new ModelError(`CLONE from ${String(values[0])}: there is no such member.`);
  if (mysqld.superReadOnly) {
    done({ errno: 1290, message: 'The MySQL server is running with the --super-read-only option' });
    return;
  }
  const from = donor.mysqld;
  if (from === undefined || from.stopping || world.network.isCut(member.index, donor.index)) {
    done({ errno: 3862, message: 'Clone Donor Error: Connect failed' });
    return;
  }
  world.checks.wiped(member);
  world.checks.copied(member, donor);
  world.history?.note(member.name, `its data is removed, and replaced by a copy of ${donor.name}'s`);
  member.loseData();
  mysqld.replication.binlogsRemoved();
  world.timeline.after(world.random.spread(...CLONE_MS), () => {
    if (from.process.alive && !world.network.isCut(member.index, donor.index)) member.cloneFrom(donor.disk);
    member.end('process');
  }, mysqld.process);
};
