import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import type { RowDataPacket } from 'mysql2/promise';
import { parseGtidSet, subtract } from '../common/gtid.ts';
import { FENCED_HOST, promisedEpochHost } from '../common/names.ts';
import { argvOf } from '../local/programs/program.ts';
import { testPrograms } from '../local/testing/servers.ts';
import type { TestMember } from '../local/testing/servers.ts';
import type { Operator } from './operator.ts';
import { epochOf, eventually, primaryOf, startCluster, wellAgain } from './testing/cluster.ts';
import type { TestCluster } from './testing/cluster.ts';
import { clientOf, executedOf, makeTable, rowsOn, startLoad, write } from './testing/load.ts';
import type { Load } from './testing/load.ts';

const LIMIT = { timeout: 150_000 };
let cluster: TestCluster;
let operator: Operator;

before(async () => {
  cluster = await startCluster();
  operator = cluster.operate();
  await makeTable(cluster.member(await wellAgain(operator)));
}, LIMIT);
after(() => cluster.stop(), LIMIT);

const primary = (): TestMember => cluster.member(primaryOf(operator) ?? '');
const replicas = (): readonly TestMember[] => cluster.members.filter(({ name }) => name !== primaryOf(operator));
/** What has happened in this test so far. */
const texts = (): string => operator.crew.journal.events.filter(({ at }) => at >= began).map(({ text }) => text).join('\n');
let began = '';
beforeEach(() => {
  began = new Date().toISOString();
});

async function nothingLost(load: Load): Promise<void> {
  await load.stop();
  await wellAgain(operator, 60_000);
  await eventually('all members to have the same set', async () => new Set(await executedOf(cluster.members)).size === 1);
  for (const member of cluster.members) {
    const rows = await rowsOn(member);
    assert.deepEqual(load.acknowledged.filter((value) => rows.get(value) !== 1), [], member.name);
  }
}

/** Somebody writes into a replica. */
async function diverge(member: TestMember, value: string): Promise<void> {
  const connection = await member.connect('operator');
  await connection.query('SET GLOBAL super_read_only = OFF');
  await connection.query('INSERT INTO holdfast.probe (value) VALUES (?)', [value]);
  await connection.query('SET GLOBAL super_read_only = ON');
  await connection.end();
}

/** GTIDs that mysqlbinlog reads in a member's kept binlogs. */
async function keptBy(member: TestMember): Promise<string> {
  const { mysqlbinlog } = await testPrograms();
  const files = readdirSync(member.folder.binlogsKept, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile() && /binlog\.\d+/.test(entry.name)).map(({ parentPath, name }) => join(parentPath, name));
  const [program = '', ...args] = argvOf(mysqlbinlog, ['--no-defaults', '--base64-output=decode-rows', ...files]);
  const text = execFileSync(program, args, { env: { ...process.env, ...mysqlbinlog.env }, maxBuffer: 1e9, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return [...text.matchAll(/GTID_NEXT= '([^']+:\d+)'/g)].map(([, gtid]) => gtid).join(',');
}

/** As an operator leaves it that dies right after its fences. */
async function fenceByHand(members: readonly TestMember[], epoch: number): Promise<void> {
  for (const member of members) {
    const connection = await member.connect('operator');
    await connection.query(`STOP REPLICA IO_THREAD FOR CHANNEL ''`);
    await connection.query(`CHANGE REPLICATION SOURCE TO SOURCE_HOST = '${FENCED_HOST}' FOR CHANNEL ''`);
    await connection.query(`CHANGE REPLICATION SOURCE TO SOURCE_HOST = '${promisedEpochHost(epoch)}' FOR CHANNEL 'epoch'`);
    await connection.end();
  }
}

test('half-done, semisync-off-ok, hidden-errant: a hung commit on a deposed primary is never answered with OK, is saved, and the member heals', LIMIT, async () => {
  const old = primary();
  await operator.stop();
  await fenceByHand(replicas(), 2);
  const client = await clientOf(old, cluster.passwords);
  const hung = write(client, 'hung').then(() => 'OK', (error: unknown) => `failed: ${(error as Error).message}`);
  await eventually('the commit to hang', async () => {
    const connection = await old.connect('operator');
    const [rows] = await connection.query<RowDataPacket[]>(`SELECT ID FROM information_schema.processlist WHERE STATE = 'Waiting for semi-sync ACK from replica'`);
    await connection.end();
    return rows.length === 1;
  });
  operator = cluster.operate();
  await eventually('another primary', () => ![undefined, old.name].includes(primaryOf(operator)));
  assert.match(await hung, /^failed/);
  await wellAgain(operator, 60_000);
  assert.match(texts(), /half-done: a failover was begun and not finished/);
  assert.match(texts(), new RegExp(`${old.name} demoted[\\s\\S]*${old.name} has 1 transactions that mysql-\\d never had[\\s\\S]*${old.name} re-seeded`));
  for (const member of cluster.members) assert.equal((await rowsOn(member)).has('hung'), false, member.name);
});

test('the errant transaction can be read with mysqlbinlog after the re-seed', LIMIT, async () => {
  const saved = operator.crew.journal.events.find(({ text }) => text.includes('are kept in its binlogs'));
  const errant = /folder: (\S+)$/.exec(saved?.text ?? '')?.[1] ?? '';
  assert.match(errant, /^[0-9a-f-]{36}:\d+$/);
  const kept = parseGtidSet(await keptBy(cluster.member(saved?.member ?? '')));
  assert.equal(subtract(parseGtidSet(errant), kept).size, 0);
});

test('reissued-gtid: a re-seeded member has a new server_uuid', LIMIT, () => {
  const uuids = operator.loop.observe().members.map(({ status }) => status?.serverUuid);
  assert.equal(new Set(uuids).size, 3);
  const member = operator.crew.journal.events.find(({ text }) => text.includes('re-seeded from'))?.member ?? '';
  assert.equal(cluster.member(member).prepared?.reseeded, true);
});

test('silent: a frozen primary is replaced within seconds; thawed, it is demoted, and what hung on it is never acknowledged', LIMIT, async () => {
  const load = startLoad(cluster);
  await eventually('some writes', () => load.acknowledged.length > 50);
  const old = primary();
  load.mark();
  await old.freeze();
  await eventually('another primary', () => ![undefined, old.name].includes(primaryOf(operator)), { deadlineMs: 10_000 });
  const before = load.acknowledged.length;
  await new Promise((resolve) => setTimeout(resolve, 2000));
  await old.thaw();
  assert.match(texts(), /silent: mysql-\d has answered neither the operator nor its replicas/);
  await nothingLost(load);
  assert.ok(load.acknowledged.length >= before);
});

test('latecomer: while the replicas cannot apply what they received, the old primary comes back, joins the election and ends it', LIMIT, async () => {
  const lagging = replicas();
  const old = primary();
  const blockers = await Promise.all(lagging.map((member) => member.connect('operator')));
  for (const blocker of blockers) await blocker.query('LOCK TABLES holdfast.probe READ');
  const load = startLoad(cluster);
  await eventually('some writes', () => load.acknowledged.length > 50);
  const epoch = epochOf(operator) ?? 0;
  await old.kill('SIGKILL');
  const before = load.acknowledged.length;
  await eventually('writes again', () => load.acknowledged.length > before + 10, { why: texts });
  assert.equal(primaryOf(operator), old.name);
  assert.ok((epochOf(operator) ?? 0) > epoch);
  for (const blocker of blockers) await blocker.end();
  await nothingLost(load);
});

test('switchover: the named member becomes primary, and no acknowledged write is lost', LIMIT, async () => {
  const load = startLoad(cluster);
  await eventually('some writes', () => load.acknowledged.length > 50);
  const to = replicas()[0]?.name ?? '';
  operator.loop.request(to);
  await eventually('the switchover', () => !operator.loop.requested);
  assert.equal(primaryOf(operator), to);
  await nothingLost(load);
});

test('a diverged replica: its own transactions are saved and it is re-seeded', LIMIT, async () => {
  const [victim] = replicas();
  assert.ok(victim !== undefined);
  await diverge(victim, 'diverged');
  await eventually('the re-seed', () => texts().includes(`${victim.name} has 1 transactions`), { deadlineMs: 20_000, why: texts });
  await wellAgain(operator, 60_000);
  assert.equal((await rowsOn(victim)).has('diverged'), false);
});

test('half-cloned: a replica killed in the first start after its re-seed comes back by itself, empty, and is made whole', LIMIT, async () => {
  const [victim] = replicas();
  assert.ok(victim !== undefined);
  const load = startLoad(cluster);
  await diverge(victim, 'diverged again');
  await eventually('the first start after its CLONE', () => existsSync(join(victim.dataDir, 'first-start.pid')), { deadlineMs: 40_000, why: texts });
  await victim.kill('SIGKILL');
  await eventually('the copy to be thrown away', () => !existsSync(join(victim.dataDir, 'first-start.pid')));
  await nothingLost(load);
  assert.equal((await rowsOn(victim)).has('diverged again'), false);
});

test('a broken applier: the replica is re-seeded', LIMIT, async () => {
  const [victim] = replicas();
  assert.ok(victim !== undefined);
  const writer = await clientOf(primary(), cluster.passwords);
  await write(writer, 'to-be-deleted');
  await eventually('the row there', async () => (await rowsOn(victim)).has('to-be-deleted'));
  const connection = await victim.connect('operator');
  await connection.query('SET SESSION sql_log_bin = 0');
  await connection.query('SET GLOBAL super_read_only = OFF');
  await connection.query(`DELETE FROM holdfast.probe WHERE value = 'to-be-deleted'`);
  await connection.query('SET GLOBAL super_read_only = ON');
  await connection.end();
  await writer.query(`DELETE FROM holdfast.probe WHERE value = 'to-be-deleted'`);
  writer.destroy();
  await eventually('the applier error to be seen', () => /applier stopped|cannot apply/.test(texts()), { why: texts });
  await wellAgain(operator, 60_000);
  await eventually('all members to have the same set', async () => new Set(await executedOf(cluster.members)).size === 1);
});

test('half-removed: a member whose CLONE was broken off while it removed the old data is re-seeded, though it still names all transactions', LIMIT, async () => {
  const [victim] = replicas();
  assert.ok(victim !== undefined);
  const writer = await clientOf(primary(), cluster.passwords);
  await write(writer, 'before-the-removal');
  writer.destroy();
  await eventually('all members to have the same set', async () => new Set(await executedOf(cluster.members)).size === 1);
  await operator.stop();
  // As disown() and the first phase of a CLONE leave it.
  const connection = await victim.connect('operator');
  await connection.query("STOP REPLICA FOR CHANNEL ''");
  await connection.query("CHANGE REPLICATION SOURCE TO SOURCE_USER = 'wiped' FOR CHANNEL 'epoch'");
  await connection.query('SET SESSION sql_log_bin = 0');
  await connection.query('SET GLOBAL super_read_only = OFF');
  await connection.query('DROP DATABASE holdfast');
  await connection.query('SET GLOBAL super_read_only = ON');
  await connection.end();
  operator = cluster.operate();
  await eventually('the re-seed', () => new RegExp(`${victim.name} re-seeded from`).test(texts()), { deadlineMs: 60_000, why: texts });
  await wellAgain(operator, 60_000);
  assert.equal((await rowsOn(victim)).get('before-the-removal'), 1);
});

test('read-only-lie: a demotion that hangs ends in a restart, and the member heals', LIMIT, async () => {
  const [victim] = replicas();
  assert.ok(victim !== undefined);
  const blocker = await victim.connect('operator');
  await blocker.query('SET GLOBAL super_read_only = OFF');
  await blocker.query('LOCK TABLES holdfast.probe WRITE');
  await eventually('the restart', () => texts().includes(`${victim.name} does not become read-only and is restarted`), { why: texts });
  blocker.destroy();
  await wellAgain(operator, 60_000);
});

test('recovered-away, purged-by-repoint: what only a relay log holds survives fence and kill -9, and is elected', LIMIT, async () => {
  const [holder, other] = replicas();
  const old = primary();
  assert.ok(holder !== undefined && other !== undefined);
  await operator.stop();
  const [holding, others] = [await holder.connect('operator'), await other.connect('operator')];
  await others.query(`STOP REPLICA IO_THREAD FOR CHANNEL ''`);
  await holding.query(`STOP REPLICA SQL_THREAD FOR CHANNEL ''`);
  const client = await clientOf(old, cluster.passwords);
  await write(client, 'only-in-a-relay-log');
  client.destroy();
  cluster.down.add(old.name);
  await old.kill('SIGKILL');
  await holder.kill('SIGKILL');
  others.destroy();
  operator = cluster.operate('operator', 4000);
  await eventually('the row on a new primary', async () => {
    const name = primaryOf(operator);
    return name !== undefined && (await rowsOn(cluster.member(name))).has('only-in-a-relay-log');
  }, { deadlineMs: 90_000, why: () => JSON.stringify(operator.loop.decided) });
  cluster.down.delete(old.name);
  await wellAgain(operator, 60_000);
  for (const member of cluster.members) assert.equal((await rowsOn(member)).get('only-in-a-relay-log'), 1, member.name);
});
