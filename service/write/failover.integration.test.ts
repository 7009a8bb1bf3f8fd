import assert from 'node:assert/strict';
import { after, afterEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { follow, value } from '../../local/testing/replication.ts';
import type { TestMember } from '../../local/testing/servers.ts';
import { waitFor } from '../../local/testing/wait.ts';
import { type Answer, ask } from '../testing/http.ts';
import { startLoad } from '../testing/load.ts';
import { promote } from '../testing/promote.ts';
import { type TestStack, type TestWeb, startStack } from '../testing/stack.ts';

const LIMIT = { timeout: 90_000 };
let stack: TestStack;
let members: readonly [TestMember, TestMember, TestMember];
const open: Connection[] = [];

const cleanUp = async (): Promise<void> => {
  for (const connection of open.splice(0)) connection.destroy();
  await (stack as TestStack | undefined)?.stop();
};
afterEach(cleanUp);
after(cleanUp);

/** A cluster of its own for each story, with processes that have written once. */
async function begin(count: number, settings: Readonly<Record<string, string>> = {}): Promise<readonly [TestWeb, TestWeb]> {
  stack = await startStack();
  const [first, second, third] = stack.mysql.members;
  assert.ok(first && second && third);
  members = [first, second, third];
  const webs = await Promise.all(Array.from({ length: count }, (_, index) => stack.startWeb(`web-${index}`, settings)));
  // The first writes wait for the migrations; those that begin too early are replayed.
  for (const web of webs) await waitFor('the first write', async () => (await post(web, 'first', `first ${web.name}`)).status === 201);
  const [web] = webs;
  assert.ok(web);
  return [web, webs[1] ?? web];
}

const post = (web: TestWeb, address: string, key: string): Promise<Answer> => ask(web.url, '/api/property', { method: 'POST', body: { address }, headers: { 'idempotency-key': key } });

async function operator(member: TestMember): Promise<Connection> {
  const connection = await member.connect('operator', { database: 'holdfast' });
  open.push(connection);
  return connection;
}

const count = async (member: TestMember, address: string): Promise<number> => value<number>(await operator(member), 'SELECT COUNT(*) FROM property WHERE address = ?', [address]);

/** Each acknowledged address once, none twice. */
async function assertOnce(member: TestMember, acknowledged: readonly string[]): Promise<void> {
  const [rows] = await (await operator(member)).query<(RowDataPacket & { address: string; n: number })[]>('SELECT address, COUNT(*) AS n FROM property GROUP BY address');
  const times = new Map(rows.map(({ address, n }) => [address, n]));
  assert.deepEqual(acknowledged.filter((address) => times.get(address) !== 1), []);
  assert.deepEqual([...times].filter(([address, n]) => address.startsWith('load ') && n !== 1), []);
}

/** Nobody acknowledges for the primary any more. */
const cutReplicas = async (): Promise<void> => void (await Promise.all(members.slice(1).map(async (member) => (await operator(member)).query('STOP REPLICA IO_THREAD'))));

/** Resolves when a commit waits for its acknowledgement. */
async function commitHangs(): Promise<void> {
  const primary = await operator(members[0]);
  await waitFor('a commit to hang', async () => {
    const [rows] = await primary.query<(RowDataPacket & { State: string | null })[]>('SHOW PROCESSLIST');
    return rows.some(({ State }) => State?.startsWith('Waiting for semi-sync ACK') === true);
  });
}

test('nine seconds without a primary: no failed request through the edge, every acknowledged row once', LIMIT, async () => {
  const webs = await begin(2);
  const edge = await stack.startEdge(webs);
  const end = startLoad([edge], { writers: 8, readers: 8 });
  await sleep(500);
  await members[0].kill('SIGKILL');
  const nineSeconds = sleep(9000);
  await sleep(7000);
  await promote(members[1], [members[2]], 2, nineSeconds);
  await sleep(500);
  const result = await end();
  assert.deepEqual(result.failures, []);
  assert.ok(result.slowestWrite > 8900 && result.slowestWrite < 10_500, `the slowest write took ${result.slowestWrite} ms`);
  assert.ok(result.slowestRead < 1500, `the slowest read took ${result.slowestRead} ms`);
  assert.ok(result.olderReads > 100, 'reads went on and said that they may be older');
  await assertOnce(members[1], result.acknowledged);
  assert.equal((await ask(webs[0].url, '/api/property')).headers['x-freshness'], undefined);
  const metrics = await (await fetch(webs[0].metricsUrl)).text();
  assert.match(metrics, /holdfast_failovers_seen_total 1/);
  assert.match(metrics, /holdfast_primary_epoch 2/);
});

test('after kill -9 of the primary writes go on within a moment of the promotion, also without an edge', LIMIT, async () => {
  const webs = await begin(2);
  const end = startLoad(webs.map(({ url }) => url), { writers: 16, readers: 4 });
  await sleep(500);
  await members[0].kill('SIGKILL');
  const killedAt = performance.now();
  await promote(members[1], [members[2]], 2);
  const promotedMs = performance.now() - killedAt;
  await sleep(1500);
  const result = await end();
  assert.deepEqual(result.failures, []);
  assert.ok(result.slowestWrite < promotedMs + 2500, `the slowest write took ${result.slowestWrite} ms, the promotion ${promotedMs} ms`);
  await assertOnce(members[1], result.acknowledged);
});

test('a switchover that closes the primary to its clients fails no request', LIMIT, async () => {
  const webs = await begin(2);
  const end = startLoad(webs.map(({ url }) => url), { writers: 8, readers: 4 });
  await sleep(500);
  const old = await operator(members[0]);
  await old.query('SET GLOBAL offline_mode = ON');
  await old.query('SET GLOBAL rpl_semi_sync_source_enabled = OFF');
  await old.query('SET GLOBAL super_read_only = ON');
  await promote(members[2], [members[1]], 2);
  await sleep(500);
  const result = await end();
  assert.deepEqual(result.failures, []);
  await assertOnce(members[2], result.acknowledged);
});

test('stale-role-reads: a frozen primary that thaws after its successor’s promotion is neither written nor read', LIMIT, async () => {
  const webs = await begin(2);
  const end = startLoad(webs.map(({ url }) => url), { writers: 8, readers: 4 });
  await sleep(300);
  await members[0].freeze();
  await sleep(500);
  await promote(members[1], [members[2]], 2);
  await sleep(700);
  await members[0].thaw();
  // What lay in its sockets runs now and waits for an acknowledgement that never comes; let go, it is there to be seen.
  await sleep(500);
  const old = await operator(members[0]);
  await old.query('SET GLOBAL rpl_semi_sync_source_enabled = OFF');
  await old.query("INSERT INTO property (id, address) VALUES (1000000, 'of the old primary')");
  await sleep(300);
  const result = await end();
  assert.deepEqual(result.failures, []);
  // The statements that hung on the frozen one were given up when its successor was found, not at their deadline.
  assert.ok(result.slowestWrite < 2900, `the slowest write took ${result.slowestWrite} ms`);
  await assertOnce(members[1], result.acknowledged);
  for (let round = 0; round < 20; round += 1) {
    for (const web of webs) assert.equal((await ask(web.url, '/api/property/1000000')).status, 404);
  }
  assert.equal((await post(webs[0], 'after it all', 'after')).status, 201);
  assert.equal(await count(members[1], 'after it all'), 1);
});

test('no-op-acks, sigterm-ok: a primary without acknowledgements answers no write, however little it changes, and not when it is stopped', LIMIT, async () => {
  const [web] = await begin(1, { WRITE_DEADLINE_MS: '2500' });
  const created = await post(web, 'known', 'known');
  const path = String(created.headers['location']);
  await cutReplicas();
  const answers = await Promise.all([
    post(web, 'known', 'known'),
    ask(web.url, path, { method: 'PUT', body: { address: 'known' } }),
    ask(web.url, '/api/property/999999999', { method: 'DELETE' }),
    ask(web.url, path, { method: 'PUT', body: { address: 'x' }, headers: { 'if-match': '"00000000000000000000000000000000"' } }),
  ]);
  assert.deepEqual(answers.map(({ status }) => status), [503, 503, 503, 503]);

  const plain = await members[0].connect('migration', { port: 'normal', database: 'holdfast' });
  open.push(plain);
  const lie = plain.query("INSERT INTO property (address) VALUES ('plain')");
  const hung = Promise.all(Array.from({ length: 8 }, (_, index) => post(web, `stopped ${index}`, `stopped ${index}`)));
  await commitHangs();
  await Promise.all([members[0].kill('SIGTERM'), hung]);
  // What a stopped mysqld tells whoever believes it: the row is nowhere else.
  assert.equal((await lie)[0].constructor.name, 'ResultSetHeader');
  assert.deepEqual((await hung).map(({ status }) => status), Array.from({ length: 8 }, () => 503));
});

test('replay-acks: a key found on a primary that came back is no acknowledgement', LIMIT, async () => {
  const [web] = await begin(1, { WRITE_DEADLINE_MS: '1500' });
  await cutReplicas();
  assert.equal((await post(web, 'mine', 'mine')).status, 503);
  await members[0].kill('SIGKILL');
  await members[0].start();
  // The worst operator: it opens the primary again although nobody acknowledges for it.
  const old = await operator(members[0]);
  await old.query('SET GLOBAL rpl_semi_sync_source_enabled = ON');
  await old.query('SET GLOBAL super_read_only = OFF, GLOBAL read_only = OFF, GLOBAL offline_mode = OFF');
  assert.equal(await count(members[0], 'mine'), 1, 'recovery has committed it');
  const replay = await post(web, 'mine', 'mine');
  assert.equal(replay.status, 503, replay.body);
  await Promise.all(members.slice(1).map(async (member) => follow(await operator(member), members[0])));
  await waitFor('the replay to be acknowledged', async () => (await post(web, 'mine', 'mine')).status === 201);
  assert.equal(await count(members[0], 'mine'), 1);
});
