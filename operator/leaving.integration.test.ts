import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { eventually, primaryOf, startCluster, wellAgain } from './testing/cluster.ts';
import type { TestCluster } from './testing/cluster.ts';
import { makeTable, rowsOn, startLoad } from './testing/load.ts';
import type { Operator } from './operator.ts';

const LIMIT = { timeout: 120_000 };
const [LEAVING, OUTDATED] = [{ leaving: true, outdated: true }, { leaving: false, outdated: true }];
let cluster: TestCluster;
let operator: Operator;

before(async () => {
  cluster = await startCluster();
  operator = cluster.operate();
  assert.equal(await wellAgain(operator), 'mysql-0');
  await makeTable(cluster.member('mysql-0'));
}, LIMIT);
after(() => cluster.stop(), LIMIT);

test('a primary that is about to be stopped hands over to a renewed member under load, and nothing acknowledged is lost', LIMIT, async () => {
  const load = startLoad(cluster);
  await eventually('some writes', () => load.acknowledged.length > 50);
  cluster.notices.set('mysql-1', OUTDATED).set('mysql-0', LEAVING);
  operator.loop.nudge();
  await eventually('a hand-over that is owed', () => operator.loop.owes);
  await operator.settle(10_000);
  assert.equal(operator.loop.owes, false);
  assert.equal(primaryOf(operator), 'mysql-2');
  const before = load.acknowledged.length;
  await eventually('writes again', () => load.acknowledged.length > before + 50);
  await load.stop();
  await cluster.member('mysql-0').kill('SIGKILL');
  cluster.notices.clear();
  assert.equal(await wellAgain(operator), 'mysql-2');
  const rows = await rowsOn(cluster.member('mysql-2'));
  assert.deepEqual(load.acknowledged.filter((value) => rows.get(value) !== 1), []);
});

test('while all are about to be stopped the primary stays where it is', LIMIT, async () => {
  for (const { name } of cluster.members) cluster.notices.set(name, LEAVING);
  await eventually('that decision', () => operator.loop.decided?.situation === 'leaving');
  assert.equal(operator.loop.decided?.kind, 'wait');
  assert.equal(primaryOf(operator), 'mysql-2');
  cluster.notices.clear();
});

test('a hand-over is owed until it is done, also when half of it looks like something else', LIMIT, async () => {
  assert.equal(await wellAgain(operator), 'mysql-2');
  const leaving = cluster.member('mysql-2');
  cluster.notices.set('mysql-2', LEAVING);
  operator.loop.nudge();
  while (!operator.crew.journal.events.some(({ text }) => text.startsWith('leaving: mysql-2'))) await setImmediate();
  await leaving.freeze();
  await operator.settle(10_000);
  assert.notEqual(primaryOf(operator) ?? 'mysql-2', 'mysql-2');
  await leaving.thaw();
  cluster.notices.clear();
  assert.notEqual(await wellAgain(operator), 'mysql-2');
});
