import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { USERS } from '../../common/names.ts';
import { openReplication, value } from '../../local/testing/replication.ts';
import { type TestMember, type TestMembers, startMembers } from '../../local/testing/servers.ts';
import { waitFor } from '../../local/testing/wait.ts';
import { Pool } from './pool.ts';

const LIMIT = { timeout: 30_000 };
let cluster: TestMembers;
let member: TestMember;
let pool: Pool;

before(async () => {
  cluster = await startMembers({ count: 1 });
  await openReplication(cluster.members);
  const [only] = cluster.members;
  assert.ok(only);
  member = only;
}, LIMIT);
beforeEach(() => {
  pool?.close();
  pool = open(2);
});
after(async () => {
  pool.close();
  await cluster.stop();
});

const open = (size: number, onLost?: () => void): Pool =>
  new Pool({ member, user: USERS.service, password: cluster.passwords.service, database: 'holdfast' }, { size, ...(onLost && { onLost }) });
const run = (sql: string, deadlineMs = 2000, signal?: AbortSignal): ReturnType<Pool['run']> => pool.run(sql, [], { deadlineMs, ...(signal && { signal }) });
const id = async (): Promise<unknown> => (await run('SELECT CONNECTION_ID() AS id')).sets[0]?.[0]?.['id'];

test('one packet of several statements gives the rows of each', LIMIT, async () => {
  const { sets } = await pool.run('SELECT ? AS a; DO 0; SELECT ? AS b UNION ALL SELECT ?', ["it's", 1, null], { deadlineMs: 2000 });
  assert.deepEqual(sets, [[{ a: "it's" }], [{ b: 1 }, { b: null }]]);
  assert.deepEqual((await run('SELECT 1 AS a WHERE FALSE')).sets, [[]]);
});

test('a connection is kept and used again, also after an error that leaves it whole', LIMIT, async () => {
  const first = await id();
  await assert.rejects(run("SIGNAL SQLSTATE '45000'"), { errno: 1644 });
  assert.equal(await id(), first);
  await assert.rejects(run('SELECT nonsense'), { errno: 1054 });
  assert.notEqual(await id(), first, 'when in doubt it is not');
});

test('a statement that hangs ends at its deadline, and its connection with it', LIMIT, async () => {
  const startedAt = performance.now();
  await assert.rejects(run('SELECT SLEEP(10)', 150), { name: 'DeadlineError', message: /mysql-0 gave no answer within 150 ms; whether it was done is unknown/ });
  assert.ok(performance.now() - startedAt < 1000);
  assert.deepEqual((await run('SELECT 1 AS a')).sets, [[{ a: 1 }]]);
});

test('an aborted statement ends at once with the signal’s reason', LIMIT, async () => {
  const gone = new AbortController();
  const pending = run('SELECT SLEEP(10)', 5000, gone.signal);
  setTimeout(() => gone.abort(new Error('gone')), 50);
  await assert.rejects(pending, /gone/);
  await assert.rejects(run('SELECT 1', 1000, AbortSignal.abort(new Error('gone before'))), /gone before/);
});

test('whoever finds no free connection waits for one within his deadline, in turn', LIMIT, async () => {
  pool.close();
  pool = open(1);
  const busy = run('SELECT SLEEP(0.4)');
  await assert.rejects(run('SELECT 1', 100), { name: 'DeadlineError' });
  const order: number[] = [];
  await Promise.all([1, 2, 3, 4].map(async (turn) => {
    await run('SELECT 1');
    order.push(turn);
  }));
  await busy;
  assert.deepEqual(order, [1, 2, 3, 4]);
});

test('a frozen member costs a deadline, not more, also for new connections', LIMIT, async () => {
  await run('SELECT 1');
  await member.freeze();
  // All its threads have to come to a halt.
  await sleep(100);
  try {
    await assert.rejects(run('SELECT 1', 200), { name: 'DeadlineError' });
    await assert.rejects(run('SELECT 1', 200), { name: 'DeadlineError' });
  } finally {
    await member.thaw();
  }
  await waitFor('it to answer again', async () => (await run('SELECT 1')).sets.length === 1);
});

test('a connection that the server ends while nobody uses it is told, and not used', LIMIT, async () => {
  let lost = 0;
  pool.close();
  pool = open(2, () => { lost += 1; });
  const first = await id();
  const operator = await member.connect('operator');
  assert.equal(await value(operator, 'SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE ID = ?', [first]), 1);
  await operator.query(`KILL ${String(first)}`);
  await waitFor('the loss to be told', () => Promise.resolve(lost === 1));
  assert.notEqual(await id(), first);
  operator.destroy();
});
