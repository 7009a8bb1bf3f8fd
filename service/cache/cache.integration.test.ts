import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { Redis } from 'ioredis';
import { waitFor } from '../../local/testing/wait.ts';
import { startCacheCluster } from './testing/cluster.ts';
import type { CacheCluster, CacheWeb } from './testing/cluster.ts';

// What breaks simple schemes, on real MySQL and Redis, as far as Redis stays the same. Each test was seen to fail without
// the rule that its comment names.

const LIMIT = { timeout: 120_000 };
/** Milliseconds: the promise is a second; a test machine that does other things too gets half of one more. */
const WRITE_MS = 1500;
let cluster: CacheCluster;
let web0: CacheWeb;
let web1: CacheWeb;

before(async () => {
  cluster = await startCacheCluster();
  [web0, web1] = [cluster.startWeb('web-0'), cluster.startWeb('web-1')];
}, LIMIT);
after(() => cluster.stop());

/** Until every one of them answers from the cache. */
const untilCached = (...webs: readonly CacheWeb[]): Promise<void> =>
  waitFor('the cache to be used', async () => {
    const sources = await Promise.all(webs.map(async (web) => (await web.read()).source));
    return sources.every((source) => source === 'cache');
  }, 60_000);

const hitsOf = async (web: CacheWeb): Promise<number> => {
  const [memory, redis] = await Promise.all(['memory', 'redis'].map((where) => web.metric(`holdfast_cache_hits_total{where="${where}"}`)));
  return (memory ?? 0) + (redis ?? 0);
};

test('a page is made once from a replica and then comes from the cache, in every process, until something is written', LIMIT, async () => {
  const { id } = await web0.write();
  await untilCached(web0, web1);
  // Where the machine is slow, single answers may come too late and open the breaker for a while.
  await waitFor('50 reads in a row to be hits', async () => {
    const hits = await hitsOf(web1);
    const reads = await Promise.all(Array.from({ length: 50 }, () => web1.read()));
    assert.deepEqual(new Set(reads.map((read) => read.id)), new Set([id]));
    return (await hitsOf(web1)) - hits === 50;
  });
  const next = await web1.write();
  const read = await web0.read();
  assert.deepEqual([read.id, read.freshness], [next.id, undefined]);
  assert.notEqual(read.source, 'cache');
  await untilCached(web0, web1);
});

// Fails when a page counts as older than whatever is logged, or the scripts' `raise` sets the version instead of comparing.
test('invalidations that arrive in the wrong order: the newer write stays visible', LIMIT, async () => {
  for (let round = 0; round < 5; round += 1) {
    const older = await web0.write();
    await untilCached(web0, web1);
    const newer = await web1.write();
    await web0.cache.beforeAcknowledge(older.outcome, AbortSignal.timeout(2000));
    assert.equal((await web0.read()).id, newer.id);
    assert.equal((await web1.read()).id, newer.id);
  }
});

// Fails when `loadAt` does not wait for the version at the replica.
test('replicas behind the invalidation: the page comes from the primary', LIMIT, async () => {
  await untilCached(web0, web1);
  const replicas = await Promise.all(cluster.mysql.members.slice(1).map((member) => member.connect('operator', { database: 'holdfast' })));
  try {
    // The applier waits, the receiver acknowledges, and reads go on: nothing shows that these are behind.
    for (const replica of replicas) await replica.query('LOCK TABLES property READ');
    const { id } = await web0.write();
    const read = await web1.read();
    assert.deepEqual([read.id, read.source, read.freshness], [id, 'primary', undefined]);
  } finally {
    for (const replica of replicas) await replica.end();
  }
});

// The first half fails when a replay is not invalidated for, the second when leases do not say what has settled.
test('a process that dies between its commit and the invalidation: the replay is visible, and soon also what nobody asked for again', LIMIT, async () => {
  await untilCached(web0, web1);
  const key = randomUUID();
  const dead = await cluster.commitOnly(web0, key);
  const replayed = await web1.write(key);
  assert.equal(replayed.id, dead.id);
  assert.deepEqual([(await web0.read()).id, (await web1.read()).id], [dead.id, dead.id]);

  await untilCached(web0, web1);
  const orphan = await cluster.commitOnly(web0);
  const startedAt = performance.now();
  await waitFor('the orphan to be seen', async () => (await web1.read()).id === orphan.id);
  assert.ok(performance.now() - startedAt < 2000, 'leases are renewed every 250 ms, and what is 500 ms old counts as settled');
  await untilCached(web0, web1);
  assert.equal((await web0.read()).id, orphan.id);
});

// Fails when who cannot reach Redis answers without ending the generation, or without waiting for the leases.
test('one process that cannot reach Redis: its write waits for the leases once, and the others see it at once', LIMIT, async () => {
  const wires = await cluster.wireRedis();
  const cutOff = cluster.startWeb('web-cut', wires);
  await untilCached(web0, web1, cutOff);
  wires.cut();
  const first = await cutOff.write();
  assert.deepEqual([(await web0.read()).id, (await web1.read()).id], [first.id, first.id]);
  assert.ok(first.ms < WRITE_MS, `the write took ${first.ms.toFixed(0)} ms`);
  const second = await cutOff.write();
  assert.ok(second.ms < WRITE_MS / 3, `the next one took ${second.ms.toFixed(0)} ms`);
  assert.equal((await web1.read()).id, second.id);
  wires.mend();
  await untilCached(web0, web1, cutOff);
  await cutOff.stop();
});

// Fails when Redis' state is not told apart by its nonce.
test('Redis flushed by somebody: nothing old is kept, and the cache comes back', LIMIT, async () => {
  await untilCached(web0, web1);
  const { port } = await cluster.redis.master();
  const admin = new Redis({ port, password: cluster.redis.password });
  const { id, outcome } = await web0.write();
  await admin.flushall();
  admin.disconnect();
  assert.deepEqual([(await web0.read()).id, (await web1.read()).id], [id, id]);
  await waitFor('the generation to be ended', async () => (await web0.write()).outcome.cacheGeneration > outcome.cacheGeneration);
  await untilCached(web0, web1);
});

// Fails when the circuit breaker never opens: then every read pays.
test('slow Redis, 50 ms there and back: some reads pay 20 ms, the next ones nothing', LIMIT, async () => {
  const wires = await cluster.wireRedis();
  const slow = cluster.startWeb('web-slow', wires);
  await untilCached(web0, web1, slow);
  const { id } = await web0.write();
  wires.delay(50);
  const reads = [];
  for (let count = 0; count < 100; count += 1) reads.push(await slow.read());
  assert.deepEqual(new Set(reads.map((read) => read.id)), new Set([id]));
  assert.ok((await slow.metric('holdfast_cache_bypasses_total{reason="redis-late"}')) <= 5);
  const write = await slow.write();
  assert.ok(write.ms < WRITE_MS, `the write took ${write.ms.toFixed(0)} ms`);
  assert.deepEqual([(await web0.read()).id, (await web1.read()).id], [write.id, write.id]);
  await slow.stop();
});

// Fails when an attempt to connect is not ended.
test('a process that stops while it cannot reach Redis does so within a second', LIMIT, async () => {
  const wires = await cluster.wireRedis();
  wires.cut();
  const web = cluster.startWeb('web-stops', wires);
  await waitFor('it to answer', async () => (await web.read()).freshness === undefined);
  const startedAt = performance.now();
  await web.stop();
  const ms = performance.now() - startedAt;
  assert.ok(ms < 1000, `stopping took ${ms.toFixed(0)} ms`);
});
