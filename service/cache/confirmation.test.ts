import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MemberPool, Primary, Replica, Results } from '../ports.ts';
import { systemClock } from './clock.ts';
import { Confirmation } from './confirmation.ts';

const member = { name: 'mysql-9', host: '127.0.0.1', port: 1, adminPort: 2 };
const pool = (run: () => Promise<Results>): MemberPool => ({ member, run });
const primaryWith = (run: () => Promise<Results>): Primary => ({ epoch: 3, serverUuid: 'the primary', pool: pool(run) });
const primary = primaryWith(() => Promise.resolve({ sets: [[{ barred: 0 }]], affectedRows: 0 }));

/** A replica that receives from a server, or from none, and counts how often it is asked. */
function replica(source: string | undefined, lateMs = 0): Replica & { asked: number } {
  const it = {
    epoch: 3, serverUuid: `a replica of ${source}`, asked: 0,
    pool: pool(async () => {
      it.asked += 1;
      if (lateMs > 0) await systemClock.sleep(lateMs);
      return { sets: [[{ state: source === undefined ? 'OFF' : 'ON', source: source ?? '' }]], affectedRows: 0 };
    }),
  };
  return it;
}
const confirmation = (replicas: readonly Replica[], acknowledgements = 1): Confirmation => new Confirmation({ replicas: () => replicas }, acknowledgements, systemClock);

test('one replica of two is asked where one acknowledgement is needed, each in its turn', async () => {
  const replicas = [replica('the primary'), replica('the primary')];
  const asks = confirmation(replicas);
  assert.equal(await asks.stands(primary), true);
  assert.equal(await asks.stands(primary), true);
  assert.deepEqual(replicas.map(({ asked }) => asked), [1, 1]);
});

test('where the one that is asked is fenced, the other decides', async () => {
  for (const others of [[replica(undefined), replica('the primary')], [replica('the primary'), replica(undefined)]]) {
    assert.equal(await confirmation(others).stands(primary), true);
  }
  assert.equal(await confirmation([replica(undefined), replica('another')]).stands(primary), false);
});

test('one that is late does not keep the other from answering', async () => {
  for (const others of [[replica('the primary', 2000), replica('the primary')], [replica('the primary'), replica('the primary', 2000)]]) {
    const from = performance.now();
    assert.equal(await confirmation(others).stands(primary), true);
    assert.ok(performance.now() - from < 1000);
  }
});

test('of two acknowledgements that are needed, both must come', async () => {
  assert.equal(await confirmation([replica('the primary'), replica('the primary'), replica(undefined)], 2).stands(primary), true);
  assert.equal(await confirmation([replica('the primary'), replica(undefined), replica(undefined)], 2).stands(primary), false);
  assert.equal(await confirmation([]).stands(primary), false);
});

test('reads that come while it is asked share the next question', async () => {
  const [only] = [replica('the primary')];
  const asks = confirmation([only]);
  const first = asks.stands(primary);
  await new Promise((resolve) => setImmediate(resolve));
  const later = Array.from({ length: 50 }, () => asks.stands(primary));
  assert.deepEqual(await Promise.all([first, ...later]), Array.from({ length: 51 }, () => true));
  assert.equal(only.asked, 2);
});

test('a primary that is closed or read-only does not stand, whoever follows it; nor is one believed that gives no answer', async () => {
  const asks = confirmation([replica('the primary'), replica('the primary')]);
  assert.equal(await asks.stands(primaryWith(() => Promise.resolve({ sets: [[{ barred: 1 }]], affectedRows: 0 }))), false);
  await assert.rejects(asks.stands(primaryWith(() => Promise.reject(new Error('gone')))), /gone/);
});
