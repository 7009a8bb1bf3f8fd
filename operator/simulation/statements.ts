import { USERS } from '../../common/names.ts';
import { STATUS_STATEMENT, STATUS_STATEMENT_WITHOUT_ROW } from '../observe/status.ts';
import type { Mysqld } from './mysqld.ts';
import { changeSource, clone, startReplica, stopReplica } from './replica-statements.ts';
import type { Handler, ServerSession, Statement } from './server.ts';
import { OK } from './server.ts';
import { statusOf } from './status-row.ts';
import { ModelError } from './world.ts';
import { setGlobal } from './variables.ts';
import { find, write, writeEpochRow, writeSchema } from './writes.ts';

/** How long a statement takes that changes something, ms. */
const TAKES_MS = [0.1, 4] as const;
const NO_SUCH_TABLE = { errno: 1146, message: 'Table \'holdfast.epoch\' doesn\'t exist' };

/** A list of sessions is made in a table that needs the disk (tried: 9.7.4). The status has one where commits wait for acknowledgements. */
const listing = (mysqld: Mysqld, tell: () => void): void => mysqld.member.whenDisk(tell);
const telling = (mysqld: Mysqld, tell: () => void): void => (mysqld.source ? listing(mysqld, tell) : tell());

const status: Handler = (mysqld, _, { done }) => telling(mysqld, () => done(mysqld.member.disk.hasTable ? { rows: [{ status: statusOf(mysqld.member) }] } : NO_SUCH_TABLE));
const statusWithoutRow: Handler = (mysqld, _, { done }) => telling(mysqld, () => done({ rows: [{ status: { ...statusOf(mysqld.member), row: null } }] }));

const getLock: Handler = (mysqld, session, { values, done }) => {
  session.mark = String(values[1]);
  const got = mysqld.lockHolder === undefined || mysqld.lockHolder === session;
  if (got) mysqld.lockHolder = session;
  done({ rows: [{ got: Number(got) }] });
};

const holders: Handler = ({ lockHolder, sessions }, _, { values, done }) => {
  const marked = [...sessions.values()].find(({ mark }) => mark !== '' && mark === values[1]);
  done({ rows: [{ id: lockHolder?.id ?? null, marked: marked?.id ?? null }] });
};

const setSession: Handler = (_, session, { sql, done }) => {
  const seconds = (name: string, now: number): number => Number(new RegExp(`${name} = (\\d+)`).exec(sql)?.[1] ?? now / 1000) * 1000;
  session.waitTimeoutMs = seconds('wait_timeout', session.waitTimeoutMs);
  session.lockWaitMs = seconds('lock_wait_timeout', session.lockWaitMs);
  done(OK);
};

const kill: Handler = (mysqld, session, { sql, values, done }) => {
  const victim = mysqld.sessions.get(Number(values[0] ?? sql.split(' ')[1]));
  if (victim === undefined) done({ errno: 1094, message: 'Unknown thread id' });
  else {
    if (victim.user === USERS.operator && victim.peer !== session.peer) mysqld.world.checks.ended(mysqld.member, mysqld.world.lease.heldLately(session.peer.name, mysqld.world.timeline.now));
    mysqld.endSession(victim);
    done(OK);
  }
};

/** Sessions of clients, as `demote.ts` asks. */
const clients: Handler = (mysqld, _, { done }) => listing(mysqld, () =>
  done({ rows: [...mysqld.sessions.values()].filter(({ user, killed }) => user === USERS.service && !killed).map(({ id }) => ({ id, loggingIn: 0 })) }));

const sleep: Handler = (_, session, { done }) => {
  if (session.running !== undefined) session.running.interrupt = done;
};

const restart: Handler = (mysqld, _, { done }) => {
  done(OK);
  mysqld.stop();
};

const answer = (row: (mysqld: Mysqld) => Readonly<Record<string, unknown>>): Handler => (mysqld, _, { done }) => done({ rows: [row(mysqld)] });

/** What only asks, and takes no time worth telling. */
const QUESTIONS: readonly (readonly [pattern: string, Handler])[] = [
  [STATUS_STATEMENT, status],
  [STATUS_STATEMENT_WITHOUT_ROW, statusWithoutRow],
  ['DO 0', (_, __, { done }) => done(OK)],
  ['DO SLEEP(', sleep],
  ['SET SESSION ', setSession],
  ['SELECT GET_LOCK(?, 0) AS got', getLock],
  ['SELECT IS_FREE_LOCK(?) AS free', answer(({ lockHolder }) => ({ free: Number(lockHolder === undefined) }))],
  ['SELECT IS_USED_LOCK(?) AS id', holders],
  ['KILL ', kill],
  ["SELECT ID AS id, COMMAND = 'Connect' AS loggingIn FROM information_schema.processlist", clients],
  ['SELECT SUM(DATA) AS done, SUM(ESTIMATE) AS estimate FROM performance_schema.clone_progress', answer(() => ({ done: 0, estimate: 1 }))],
  ['SELECT epoch, server_uuid = @@global.server_uuid AS own FROM', answer(({ member: { disk } }) => ({ epoch: disk.row?.epoch, own: Number(disk.row?.serverUuid === disk.uuid) }))],
  ['SELECT (SELECT COUNT(*) FROM information_schema.schemata', answer(({ member: { disk } }) => ({ base: Number(disk.hasTable), tab: Number(disk.hasTable) }))],
  ['FIND', find],
];

/** What changes something; the session must hold the member's lock, but where it says otherwise. */
const CHANGES: readonly (readonly [pattern: string, Handler])[] = [
  ['SET GLOBAL ', setGlobal],
  ['STOP REPLICA ', stopReplica],
  ['START REPLICA ', startReplica],
  ['CHANGE REPLICATION SOURCE TO ', changeSource],
  ['CREATE DATABASE ', (_, __, { done }) => done(OK)],
  ['CREATE TABLE ', writeSchema],
  ['RESTART', restart],
  ['CLONE INSTANCE FROM ', clone],
];

const UNLOCKED: readonly (readonly [pattern: string, Handler])[] = [
  ['INSERT INTO holdfast.epoch ', writeEpochRow],
  ['WRITE', write],
];

interface Known {
  readonly handler: Handler;
  readonly kind: 'question' | 'change' | 'unlocked';
}

const known = new Map<string, Known>();
/** By far the most frequent. */
const STATUS: Known = { handler: status, kind: 'question' };

function knownAs(sql: string): Known {
  if (sql === STATUS_STATEMENT) return STATUS;
  const found = known.get(sql);
  if (found !== undefined) return found;
  for (const [kind, list] of [['question', QUESTIONS], ['change', CHANGES], ['unlocked', UNLOCKED]] as const) {
    const match = list.find(([pattern]) => sql.startsWith(pattern));
    if (match === undefined) continue;
    const entry = { handler: match[1], kind };
    if (known.size < 1000) known.set(sql, entry);
    return entry;
  }
  throw new ModelError(`The simulated mysqld does not understand ${JSON.stringify(sql)}: teach it to operator/simulation/statements.ts, as a real one behaves.`);
}

/** Runs a statement; `done` is called once, maybe never. */
export function execute(mysqld: Mysqld, session: ServerSession, statement: Statement): void {
  const { handler, kind } = knownAs(statement.sql);
  if (mysqld.lockHolder === session) mysqld.member.answeredAt.set(session.toPeer.to, mysqld.world.timeline.now);
  if (kind === 'question') {
    handler(mysqld, session, statement);
    return;
  }
  const { world, member } = mysqld;
  world.timeline.after(world.random.between(...TAKES_MS), () => {
    if (session.user === USERS.operator) {
      world.watchStatement(member, session, statement.sql);
      if (!mysqld.process.alive) return;
      if (kind === 'change' && mysqld.lockHolder !== session) world.checks.withoutLock(member, statement.sql);
    }
    handler(mysqld, session, statement);
  }, mysqld.process);
}
