import type { Mysqld } from './mysqld.ts';
import type { Handler } from './server.ts';
import type { Row, Transaction } from './transaction.ts';
import { describe } from './transaction.ts';

const ER_READ_ONLY = { errno: 1290, message: 'The MySQL server is running with the --read-only option so it cannot execute this statement' };
const ER_LOCK_WAIT_TIMEOUT = { errno: 1205, message: 'Lock wait timeout exceeded; try restarting transaction' };
/** innodb_lock_wait_timeout of the members' settings, ms. */
const ROW_LOCK_MS = 2000;
/** No client's key. */
const EPOCH_KEY = ' epoch';

/** Which row a transaction locks, as its name in `lockedKeys`; undefined for one that changes none. */
export const rowLock = ({ kind, key }: Transaction): string | undefined => (kind === 'epoch' ? EPOCH_KEY : key);

function newTransaction(mysqld: Mysqld, content: Pick<Transaction, 'kind' | 'key' | 'row'>): Transaction {
  return { uuid: mysqld.member.disk.uuid, number: mysqld.nextNumber(), holders: 0, kept: false, ...content };
}

/** Asks for the epoch of a member that is an open primary, as the service does; no row from any other. */
export const find: Handler = (mysqld, _, { done }) => {
  const { row, uuid } = mysqld.member.disk;
  done({ rows: row?.serverUuid === uuid && mysqld.isOpen ? [{ epoch: row.epoch }] : [] });
};

/** A client's write under a key. A retry that finds its key commits something all the same before it answers. */
export const write: Handler = (mysqld, session, { values, done }) => {
  const { world, member } = mysqld;
  const key = String(values[0]);
  if (mysqld.readOnly || mysqld.superReadOnly) {
    done(ER_READ_ONLY);
    return;
  }
  if (mysqld.lockedKeys.has(key)) {
    world.timeline.after(ROW_LOCK_MS, () => done(ER_LOCK_WAIT_TIMEOUT), mysqld.process);
    return;
  }
  const isReplay = member.disk.keys.has(key);
  mysqld.lockedKeys.add(key);
  mysqld.commit(session, () => {
    const transaction = newTransaction(mysqld, { kind: isReplay ? 'mark' : 'write', key: isReplay ? undefined : key, row: undefined });
    world.history?.note(member.name, `writes ${describe(transaction)}${isReplay ? `, a mark for the replay of ${key}` : ''}`);
    return transaction;
  }, (outcome) => {
    mysqld.lockedKeys.delete(key);
    done(outcome);
  });
};

/** The operator's epoch row: never to a lower number. */
export const writeEpochRow: Handler = (mysqld, session, { values, done }) => {
  const { world, member } = mysqld;
  const [epoch, name] = [Number(values[0]), String(values[1])];
  if (mysqld.superReadOnly || member.cloning) {
    done(ER_READ_ONLY);
    return;
  }
  if (mysqld.lockedKeys.has(EPOCH_KEY)) {
    world.timeline.after(ROW_LOCK_MS, () => done(ER_LOCK_WAIT_TIMEOUT), mysqld.process);
    return;
  }
  mysqld.lockedKeys.add(EPOCH_KEY);
  mysqld.commit(session, () => {
    const before = member.disk.row;
    const row: Row = before !== undefined && before.epoch >= epoch ? before : { epoch, member: name, serverUuid: member.disk.uuid };
    if (row !== before) world.checks.newEpoch(member, row);
    world.history?.note(member.name, `writes the epoch row ${row.epoch}`);
    return newTransaction(mysqld, { kind: row === before ? 'mark' : 'epoch', key: undefined, row: row === before ? undefined : row });
  }, (outcome) => {
    mysqld.lockedKeys.delete(EPOCH_KEY);
    done(outcome);
  });
};

/** The epoch row's table. */
export const writeSchema: Handler = (mysqld, session, { done }) => {
  if (mysqld.superReadOnly) done(ER_READ_ONLY);
  else mysqld.commit(session, () => newTransaction(mysqld, { kind: 'schema', key: undefined, row: undefined }), done);
};
