import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { eventually, primaryOf, startCluster, wellAgain } from './testing/cluster.ts';
import type { TestCluster } from './testing/cluster.ts';
import { executedOf, makeTable, rowsOn, startLoad } from './testing/load.ts';
import type { Load } from './testing/load.ts';
import type { Operator } from './operator.ts';

const LIMIT = { timeout: 120_000 };
let cluster: TestCluster;
let operator: Operator;

before(async () => {
  cluster = await startCluster();
  operator = cluster.operate();
}, LIMIT);
after(() => cluster.stop(), LIMIT);

/** Ends the load and finds every acknowledged value once on every member. */
async function nothingLost(load: Load): Promise<void> {
  await load.stop();
  await wellAgain(operator);
  await eventually('all members to have the same set', async () => new Set(await executedOf(cluster.members)).size === 1);
  for (const member of cluster.members) {
    const rows = await rowsOn(member);
    assert.deepEqual(load.acknowledged.filter((value) => rows.get(value) !== 1), [], member.name);
  }
}

test('first start: three closed, empty members become a primary of epoch 1 and two replicas, and the mark is set', LIMIT, async () => {
  assert.equal(await wellAgain(operator), 'mysql-0');
  assert.equal(existsSync(cluster.mark), true);
  await eventually('all to know epoch 1', () => operator.loop.observe().members.every(({ status }) => status?.row?.epoch === 1));
  await makeTable(cluster.member('mysql-0'));
});

test('kill -9 of the primary under load: another one is promoted, nothing acknowledged is lost, the old one is a replica again', LIMIT, async () => {
  const load = startLoad(cluster);
  await eventually('some writes', () => load.acknowledged.length > 50);
  load.mark();
  await cluster.member('mysql-0').kill('SIGKILL');
  const before = load.acknowledged.length;
  await eventually('writes again', () => load.acknowledged.length > before + 50);
  assert.notEqual(primaryOf(operator), 'mysql-0');
  await nothingLost(load);
  assert.match(operator.crew.journal.events.map(({ text }) => text).join('\n'), /mysql-[12] promoted, epoch 2, \d+ ms/);
});

test('the new primary is killed while the old one is on its way back: writes resume, nothing is lost', LIMIT, async () => {
  const load = startLoad(cluster);
  await eventually('some writes', () => load.acknowledged.length > 50);
  const first = primaryOf(operator) ?? '';
  await cluster.member(first).kill('SIGKILL');
  await eventually('another primary', () => ![first, undefined].includes(primaryOf(operator)));
  const second = primaryOf(operator) ?? '';
  await cluster.member(second).kill('SIGKILL');
  const before = load.acknowledged.length;
  await eventually('writes again', () => load.acknowledged.length > before + 50, { deadlineMs: 40_000, why: () => JSON.stringify(operator.loop.decided) });
  await nothingLost(load);
});

test('SIGTERM straight to the primary: noticed at once, nothing acknowledged is lost', LIMIT, async () => {
  const load = startLoad(cluster);
  await eventually('some writes', () => load.acknowledged.length > 50);
  const old = primaryOf(operator) ?? '';
  void cluster.member(old).kill('SIGTERM');
  await eventually('another primary', () => ![old, undefined].includes(primaryOf(operator)), { deadlineMs: 5000 });
  await nothingLost(load);
});

test('all killed at once: every acknowledged row is back, with no one\'s help', LIMIT, async () => {
  const load = startLoad(cluster);
  await eventually('some writes', () => load.acknowledged.length > 50);
  await Promise.all(cluster.members.map((member) => member.kill('SIGKILL')));
  const before = load.acknowledged.length;
  await eventually('writes again', () => load.acknowledged.length > before + 20, { deadlineMs: 40_000, why: () => JSON.stringify(operator.loop.decided) });
  await nothingLost(load);
});

test('a killed replica costs no write, and is back as a replica', LIMIT, async () => {
  const load = startLoad(cluster);
  await eventually('some writes', () => load.acknowledged.length > 50);
  const primary = primaryOf(operator) ?? '';
  const replica = cluster.members.find(({ name }) => name !== primary);
  await replica?.kill('SIGKILL');
  await nothingLost(load);
  assert.equal(primaryOf(operator), primary);
});
