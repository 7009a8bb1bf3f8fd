import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from 'mysql2/promise';
import { USERS } from '../../common/names.ts';
import { openReplication, value } from '../testing/replication.ts';
import { startMembers } from '../testing/servers.ts';
import type { TestMember, TestMembers } from '../testing/servers.ts';
import { waitFor } from '../testing/wait.ts';

const LIMIT = { timeout: 120_000 };
let cluster: TestMembers;
let primary: TestMember;
let replica: TestMember;

beforeEach(async () => {
  cluster = await startMembers({ count: 2, settings: { members: 3 } });
  const [first, second] = cluster.members;
  assert.ok(first && second);
  [primary, replica] = [first, second];
  await openReplication(cluster.members);
  await run(primary, 'CREATE TABLE holdfast.note (id INT PRIMARY KEY, text VARCHAR(100))');
}, LIMIT);
afterEach(() => cluster.stop());

async function using<T>(member: TestMember, action: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await member.connect('operator');
  try {
    return await action(connection);
  } finally {
    connection.destroy();
  }
}

const run = (member: TestMember, ...statements: readonly string[]): Promise<void> =>
  using(member, async (connection) => {
    for (const statement of statements) await connection.query(statement);
  });
const ask = <T>(member: TestMember, query: string): Promise<T> => using(member, (connection) => value<T>(connection, query));
const notes = (member: TestMember): Promise<string | null> => ask(member, 'SELECT GROUP_CONCAT(text ORDER BY id) FROM holdfast.note');

/** Makes a commit wait for an acknowledgement that does not come, in a client such as the service is. */
async function hangCommit(): Promise<{ readonly outcome: Promise<string> }> {
  await run(replica, 'STOP REPLICA IO_THREAD');
  const client = await primary.connect('migration', { port: 'normal' });
  const outcome = client.query("INSERT INTO holdfast.note VALUES (1, 'unacknowledged')").then(
    () => 'OK',
    () => 'closed without an answer',
  );
  const waiting = "SELECT COUNT(*) FROM information_schema.processlist WHERE state LIKE 'Waiting for semi-sync ACK%'";
  await waitFor('the commit to hang', async () => (await ask<number>(primary, waiting)) === 1);
  return { outcome };
}

/** The last session in which CLONE ran. */
let cloner = 0;

/** Replaces the replica's data by the primary's; resolves when CLONE has answered. */
async function clone(): Promise<void> {
  await using(replica, async (connection) => {
    await connection.query('STOP REPLICA');
    await connection.query('SET GLOBAL clone_valid_donor_list = ?', [`${primary.host}:${primary.port}`]);
    await connection.query('SET GLOBAL super_read_only = OFF');
    cloner = await value<number>(connection, 'SELECT CONNECTION_ID()');
    await connection.query('CLONE INSTANCE FROM ?@?:? IDENTIFIED BY ?', [USERS.replication, primary.host, primary.port, cluster.passwords.replication]);
  });
}

const cloneMark = (name: string): boolean => existsSync(join(replica.dataDir, '#clone', name));
const uuid = (member: TestMember): Promise<string> => ask(member, 'SELECT @@server_uuid');
const executed = (member: TestMember): Promise<string> => ask(member, 'SELECT @@global.gtid_executed');
const relayLogs = (member: TestMember): readonly string[] => readdirSync(member.dataDir).filter((name) => name.startsWith('relay'));

test('sigterm-ok: SIGTERM alone answers a hung commit with OK, though no replica has it', LIMIT, async () => {
  const { outcome } = await hangCommit();
  void primary.kill('SIGTERM');
  assert.equal(await outcome, 'OK');
  assert.equal(await notes(replica), null);
});

test('sigterm-ok: our stop closes the client of a hung commit without an answer', LIMIT, async () => {
  const { outcome } = await hangCommit();
  assert.equal(await primary.stop(), 'stopped');
  assert.equal(await outcome, 'closed without an answer');
  await primary.start();
  assert.equal(await notes(primary), 'unacknowledged');
});

test('sigterm-ok: an administrator whose commit hangs gets no answer either', LIMIT, async () => {
  await run(replica, 'STOP REPLICA IO_THREAD');
  const outcome = run(primary, "INSERT INTO holdfast.note VALUES (1, 'by the operator')").then(
    () => 'OK',
    () => 'closed without an answer',
  );
  await sleep(200);
  assert.equal(await primary.stop(), 'stopped');
  assert.equal(await outcome, 'closed without an answer');
});

test('a frozen member that is to stop is killed after a second', LIMIT, async () => {
  await primary.freeze();
  const started = performance.now();
  assert.equal(await primary.stop(), 'killed');
  const tookMs = performance.now() - started;
  assert.ok(tookMs > 900 && tookMs < 3000, `took ${tookMs} ms`);
});

test('after kill -9 a member starts at once, also when the pid in its socket lock is in use by another process', LIMIT, async () => {
  await primary.kill('SIGKILL');
  const lock = `${primary.folder.socket}.lock`;
  assert.ok(existsSync(lock));
  writeFileSync(lock, `${process.pid}\n`);
  await primary.start();
  assert.equal(await ask<number>(primary, 'SELECT @@offline_mode'), 1);
});

test('recovered-away: what was acknowledged but not applied survives kill -9 of the replica and the end of the primary', LIMIT, async () => {
  await run(replica, 'STOP REPLICA SQL_THREAD');
  await run(primary, "INSERT INTO holdfast.note VALUES (1, 'acknowledged')");
  await Promise.all([replica.kill('SIGKILL'), primary.kill('SIGKILL')]);
  await replica.start();
  assert.equal(await notes(replica), null);
  await run(replica, 'START REPLICA SQL_THREAD');
  await waitFor('the relay log to be applied', async () => (await notes(replica)) === 'acknowledged');
});

test('a re-seed gives the member a new server_uuid and the primary\'s data, and its binlogs are kept outside', LIMIT, async () => {
  const before = await uuid(replica);
  await run(replica, 'STOP REPLICA', 'SET GLOBAL super_read_only = OFF', 'SET GLOBAL read_only = OFF', "INSERT INTO holdfast.note VALUES (9, 'an errant transaction')");
  assert.notDeepEqual(relayLogs(replica), []);
  await replica.stop();
  await replica.start();
  await clone();
  assert.deepEqual(await replica.ended, [16, null]);
  await replica.start();

  assert.deepEqual(relayLogs(replica), [], 'what lay in those of the data that was replaced it has not received');
  assert.equal(replica.prepared?.reseeded, true);
  assert.notEqual(await uuid(replica), before);
  assert.equal(await executed(replica), await executed(primary));
  const kept = readdirSync(join(replica.folder.binlogsKept, before)).map((name) => readFileSync(join(replica.folder.binlogsKept, before, name), 'latin1'));
  assert.ok(kept.some((content) => content.includes('an errant transaction')));
  assert.equal(replica.prepared?.binlogs.files, 1);

  const after = await uuid(replica);
  await replica.stop();
  await replica.start();
  assert.equal(replica.prepared?.reseeded, false);
  assert.equal(await uuid(replica), after);
});

test('reissued-gtid: a member killed right after CLONE has a new server_uuid all the same', LIMIT, async () => {
  const before = await uuid(replica);
  const cloned = clone().catch(() => undefined);
  await waitFor('CLONE to be whole', () => Promise.resolve(cloneMark('#status_fix')));
  await replica.kill('SIGKILL');
  await cloned;
  await replica.start();
  assert.notEqual(await uuid(replica), before);
  assert.equal(await executed(replica), await executed(primary));
});

test('half-cloned: a member killed at any moment of its first start after CLONE comes back empty under a new server_uuid, and can be re-seeded', LIMIT, async () => {
  const uuids = new Set([await uuid(replica)]);
  for (const delayMs of [100, 400, 700, 1000]) {
    await clone();
    await replica.ended;
    const starting = replica.start().then(() => 'it serves', String);
    await sleep(delayMs);
    const isFirst = existsSync(join(replica.dataDir, 'first-start.pid'));
    await replica.kill('SIGKILL');
    const outcome = await starting;
    if (outcome !== 'it serves') await replica.start();
    else assert.equal(isFirst, false);
    if (isFirst) assert.equal(await executed(replica), '', `killed after ${delayMs} ms`);
    uuids.add(await uuid(replica));
  }
  assert.equal(existsSync(replica.folder.brokenOff), false);
  await clone();
  await replica.ended;
  await replica.start();
  assert.equal(await executed(replica), await executed(primary));
});

test('half-cloned: nobody can reach a member in its first start after CLONE', LIMIT, async () => {
  await run(primary, "INSERT INTO holdfast.note VALUES (1, 'copied')");
  await clone();
  await replica.ended;
  const serving = replica.start();
  await waitFor('its first start', () => Promise.resolve(existsSync(join(replica.dataDir, 'first-start.pid'))));
  const answers: string[] = [];
  while (existsSync(join(replica.dataDir, 'first-start.pid'))) {
    const which = answers.length % 2 === 0 ? 'admin' : 'normal';
    answers.push(await replica.connect('operator', { port: which }).then((connection) => (connection.destroy(), `${which} port answers`), (error: unknown) => (error as NodeJS.ErrnoException).code ?? ''));
    await sleep(5);
  }
  await serving;
  // The last one may have been sent when the next start listened already.
  assert.deepEqual([...new Set(answers.slice(0, -1))], ['ECONNREFUSED']);
  assert.ok(answers.length > 10, `${answers.length} answers`);
  assert.equal(await notes(replica), 'copied');
});

test('a member killed in the middle of CLONE comes back empty under a new server_uuid, its binlogs kept, and can be re-seeded', LIMIT, async () => {
  const before = await uuid(replica);
  const cloned = clone().catch(() => undefined);
  await waitFor('CLONE to begin', () => Promise.resolve(cloneMark('#status_error')));
  await replica.kill('SIGKILL');
  await cloned;
  await replica.start();
  assert.notEqual(await uuid(replica), before);
  assert.equal(await executed(replica), '');
  assert.ok(existsSync(replica.folder.brokenOff));
  await clone();
  await replica.ended;
  await replica.start();
  assert.equal(await executed(replica), await executed(primary));
  assert.equal(existsSync(replica.folder.brokenOff), false);
});

test('reissued-gtid: a member whose CLONE failed for want of its donor has a new server_uuid after its next start', LIMIT, async () => {
  await replica.stop();
  await replica.start();
  const before = await uuid(replica);
  // MiB a second: so slow that the donor can be ended in the middle, on any machine.
  await run(replica, 'SET GLOBAL clone_max_data_bandwidth = 1');
  const cloning = { over: false, why: '' };
  const cloned = clone().then(() => 'it succeeded', String).then((why) => Object.assign(cloning, { over: true, why }));
  await waitFor('CLONE to remove the old data', () => {
    assert.equal(cloning.over, false, `CLONE is over already: ${cloning.why}`);
    return Promise.resolve(cloneMark('#status_error') && !existsSync(join(replica.dataDir, 'holdfast', 'note.ibd')));
  }, 60_000);
  const doing = `SELECT COALESCE(MAX(info), 'copies') FROM information_schema.processlist WHERE id = ${cloner}`;
  await waitFor('CLONE to have begun an empty history and to copy', async () => (await ask(replica, doing)) === 'copies');
  await primary.kill('SIGKILL');
  // CLONE looks for its donor for up to five minutes.
  await run(replica, `KILL ${cloner}`);
  await cloned;
  await waitFor('CLONE to have failed', () => Promise.resolve(!cloneMark('#status_error')));
  await replica.kill('SIGKILL');
  await replica.start();
  assert.equal(replica.prepared?.reseeded, true);
  assert.notEqual(await uuid(replica), before);
});

test('RESTART ends mysqld with the code that asks for being started again', LIMIT, async () => {
  await run(replica, 'RESTART').catch(() => undefined);
  assert.deepEqual(await replica.ended, [16, null]);
  await replica.start();
});

test('data of another MySQL series is refused with a sentence', LIMIT, async () => {
  await replica.kill('SIGKILL');
  const history = join(replica.dataDir, 'mysql_upgrade_history');
  writeFileSync(history, readFileSync(history, 'utf8').replaceAll(/"version":"\d+\.\d+/g, '"version":"8.3'));
  await assert.rejects(replica.start(), { name: 'Problem', message: /holds data of MySQL 8\.3\..*--data.*npm run reset/ });
});
