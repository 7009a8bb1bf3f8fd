import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { epochOf, eventually, startCluster, wellAgain } from './testing/cluster.ts';
import type { TestCluster } from './testing/cluster.ts';
import { executedOf, makeTable, rowsOn, startLoad } from './testing/load.ts';
import type { Load } from './testing/load.ts';
import { spawnOperator } from './testing/process.ts';
import type { OperatorProcess } from './testing/process.ts';

const LIMIT = { timeout: 150_000 };
let cluster: TestCluster;

before(async () => {
  cluster = await startCluster();
  const operator = cluster.operate();
  await makeTable(cluster.member(await wellAgain(operator)));
  await operator.stop();
}, LIMIT);
after(() => cluster.stop(), LIMIT);

/** A fresh operator finds whatever there is, makes it whole, and nothing acknowledged is missing. */
async function nothingLost(load: Load): Promise<void> {
  await load.stop();
  const operator = cluster.operate('last');
  await wellAgain(operator, 60_000);
  await eventually('all members to have the same set', async () => new Set(await executedOf(cluster.members)).size === 1);
  for (const member of cluster.members) {
    const rows = await rowsOn(member);
    assert.deepEqual(load.acknowledged.filter((value) => rows.get(value) !== 1), [], member.name);
  }
  await operator.stop();
}

const settled = async (operator: OperatorProcess): Promise<string> => {
  await eventually('the cluster to be healthy', async () => (await operator.status())?.situation === 'healthy', { deadlineMs: 60_000 });
  return (await operator.status())?.primary ?? '';
};

test('an operator that ends at any statement of a failover: the next one finds what it left and finishes', LIMIT, async () => {
  const load = startLoad(cluster, 2);
  for (const statements of [1, 4, 7, 9, 12, 15]) {
    const mortal = cluster.operate(`dies after ${statements}`);
    const old = await wellAgain(mortal, 60_000);
    let left = statements;
    const controls = mortal.crew.controls as Map<string, ReturnType<typeof mortal.crew.controls.get> & object>;
    for (const [name, control] of controls) {
      controls.set(name, control.guardedBy(() => {
        left -= 1;
        if (left < 0) throw new Error('the operator is dead');
      }));
    }
    await cluster.member(old).kill('SIGKILL');
    await eventually('it to die', () => left < 0, { why: () => JSON.stringify(mortal.loop.decided) });
    await mortal.stop();
    const before = load.acknowledged.length;
    const heir = cluster.operate('heir');
    await eventually(`writes again after ${statements} statements`, () => load.acknowledged.length > before + 10, { deadlineMs: 30_000, why: () => heir.crew.journal.events.map(({ text }) => text).join('\n') });
    await heir.stop();
  }
  await nothingLost(load);
});

test('two operators at once: one acts, the other stands by and takes over when the first is killed', LIMIT, async () => {
  const load = startLoad(cluster, 2);
  const first = await spawnOperator(cluster, 'first');
  await settled(first);
  const second = await spawnOperator(cluster, 'second');
  await eventually('some writes', () => load.acknowledged.length > 50);
  assert.deepEqual([(await first.status())?.acting, (await second.status())?.acting], [true, false]);
  const old = (await first.status())?.primary ?? '';
  await cluster.member(old).kill('SIGKILL');
  first.kill('SIGKILL');
  await first.ended;
  await eventually('the second to act', async () => (await second.status())?.acting === true, { deadlineMs: 10_000 });
  await eventually('another primary', async () => ![old, null, undefined].includes((await second.status())?.primary), { deadlineMs: 10_000 });
  second.kill('SIGTERM');
  await second.ended;
  await nothingLost(load);
});

test('sleepy-operator: one that is stopped in the middle of a failover loses its locks, and does nothing more when it wakes', LIMIT, async () => {
  const load = startLoad(cluster, 2);
  const sleeper = await spawnOperator(cluster, 'sleeper');
  const old = await settled(sleeper);
  await cluster.member(old).kill('SIGKILL');
  await new Promise((resolve) => setTimeout(resolve, 30));
  sleeper.kill('SIGSTOP');
  const other = cluster.operate('other');
  await eventually('the other to act', () => other.crew.locks.leads, { deadlineMs: 40_000 });
  const primary = await wellAgain(other, 60_000);
  const epoch = epochOf(other);
  sleeper.kill('SIGCONT');
  await eventually('the sleeper to stand by', async () => (await sleeper.status())?.acting === false);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  assert.equal(await wellAgain(other), primary);
  assert.equal(epochOf(other), epoch);
  sleeper.kill('SIGKILL');
  await sleeper.ended;
  await other.stop();
  await nothingLost(load);
});
