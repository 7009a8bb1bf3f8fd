import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { TestRedis } from '../../local/testing/redis.ts';
import { waitFor } from '../../local/testing/wait.ts';
import { promote } from '../testing/promote.ts';
import { startCacheCluster } from './testing/cluster.ts';
import type { CacheCluster, CacheWeb } from './testing/cluster.ts';

// What breaks simple schemes, on real MySQL and Redis, where servers die, hang or are deposed. Each test was seen to fail
// without the rules that its comment names. Every test has servers of its own.

const LIMIT = { timeout: 180_000 };

/** Servers that end with the test. */
async function start(context: TestContext): Promise<CacheCluster> {
  const cluster = await startCacheCluster();
  context.after(() => cluster.stop());
  return cluster;
}

const untilCached = (...webs: readonly CacheWeb[]): Promise<void> =>
  waitFor('the cache to be used', async () => (await Promise.all(webs.map((web) => web.read()))).every(({ source }) => source === 'cache'), 60_000);

async function command(server: TestRedis, password: string, ...words: readonly [string, ...string[]]): Promise<unknown> {
  const client = new Redis({ host: server.host, port: server.port, password, maxRetriesPerRequest: 0 });
  client.on('error', () => undefined);
  try {
    return await client.call(...words);
  } finally {
    client.disconnect();
  }
}

/** What reading and writing without a pause showed. */
interface Traffic {
  readonly reads: readonly { readonly ms: number; readonly source: string }[];
  readonly writes: readonly { readonly ms: number }[];
  /** Reads that showed less than had been acknowledged when they began, and did not say so. */
  readonly stale: readonly string[];
}

interface TrafficOptions {
  /** Number of the last write that was acknowledged before. */
  readonly acknowledged: number;
  readonly isWriting: boolean;
}

/** Reads in every process, and writes in one of them in turn, until told to stop; none may fail. */
function beginTraffic(webs: readonly CacheWeb[], options: TrafficOptions): { readonly end: () => Promise<Traffic> } {
  const traffic = { reads: [] as Traffic['reads'][number][], writes: [] as Traffic['writes'][number][], stale: [] as string[] };
  const over = new AbortController();
  let { acknowledged } = options;
  const reading = async (web: CacheWeb, index: number): Promise<void> => {
    while (!over.signal.aborted) {
      const due = acknowledged;
      const { id, ms, source, freshness } = await web.read();
      traffic.reads.push({ ms, source });
      if (id < due && freshness === undefined) traffic.stale.push(`process ${index}: ${id} from ${source}, ${due} was acknowledged`);
      await sleep(2);
    }
  };
  const writing = async (): Promise<void> => {
    for (let turn = 0; options.isWriting && !over.signal.aborted; turn += 1) {
      const { id, ms } = await (webs[turn % webs.length] as CacheWeb).write();
      traffic.writes.push({ ms });
      acknowledged = Math.max(acknowledged, id);
      await sleep(30);
    }
  };
  const all = Promise.all([...webs.map(reading), writing()]);
  return {
    end: async () => {
      over.abort();
      await all;
      return traffic;
    },
  };
}

function timesOf(answers: readonly { readonly ms: number }[]): { readonly slowest: number; readonly text: string } {
  const times = answers.map(({ ms }) => ms).toSorted((a, b) => a - b);
  const percentile = (part: number): number => times[Math.floor((times.length - 1) * part)] ?? 0;
  const [p50, p99, slowest] = [percentile(0.5), percentile(0.99), percentile(1)];
  return { slowest, text: `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, slowest ${slowest.toFixed(1)} ms of ${times.length}` };
}

// Fails when neither the replication id is compared nor leases carry a floor (each alone suffices here; the model in
// protocol.property.test.ts tells them apart). By hand, since the Sentinels take so long that the generation has ended.
test('Redis fails over to a replica without the last invalidation: its old pages are not used', LIMIT, async (context) => {
  const cluster = await start(context);
  const wires = await cluster.wireRedis();
  const webs = [cluster.startWeb('web-0', wires), cluster.startWeb('web-1', wires)];
  const [master, replica] = cluster.redis.servers as [TestRedis, TestRedis];
  await (webs[0] as CacheWeb).write();
  await untilCached(...webs);
  await sleep(200);
  // It hears nothing more of its master, and keeps version and page.
  await command(replica, cluster.redis.password, 'REPLICAOF', '127.0.0.1', '1');
  const { id } = await (webs[0] as CacheWeb).write();
  await command(replica, cluster.redis.password, 'REPLICAOF', 'NO', 'ONE');
  assert.equal(String(await command(replica, cluster.redis.password, 'GET', 'holdfast:2:page:highest')).split('\n').at(-1), String(id - 1));
  wires.servers[cluster.redis.servers.indexOf(master)]?.lead(replica.port);
  // No writes yet: they would end the generation.
  const reading = beginTraffic(webs, { acknowledged: id, isWriting: false });
  await sleep(1500);
  assert.deepEqual((await reading.end()).stale, []);
  const traffic = beginTraffic(webs, { acknowledged: id, isWriting: true });
  await sleep(1000);
  assert.deepEqual((await traffic.end()).stale, []);
  await untilCached(...webs);
});

// Fails when a command goes to any Redis (no comparison of replication id and nonce): web-0 then invalidates in one master,
// web-1 reads in the other.
test('a deposed Redis master that one process still reads: no old page', LIMIT, async (context) => {
  const cluster = await start(context);
  const [first, second] = cluster.redis.servers as [TestRedis, TestRedis];
  // For one of them, the master's address leads to another server, which says that it is a master too.
  const astray = { [`127.0.0.1:${first.port}`]: { host: '127.0.0.1', port: second.port } };
  const webs = [cluster.startWeb('web-0'), cluster.startWeb('web-1', { nat: astray })];
  const [web0, web1] = webs as [CacheWeb, CacheWeb];
  await web0.write();
  await untilCached(web0);
  await sleep(100);
  await Promise.all(cluster.redis.sentinels.map((sentinel) => sentinel.freeze()));
  await command(second, cluster.redis.password, 'REPLICAOF', 'NO', 'ONE');
  await Promise.all(cluster.redis.sentinels.map((sentinel) => sentinel.thaw()));
  const traffic = beginTraffic(webs, { acknowledged: 0, isWriting: true });
  await sleep(5000);
  const { stale, reads } = await traffic.end();
  assert.deepEqual(stale, []);
  assert.ok(reads.length > 100);
  assert.ok((await web1.write()).id > 0);
});

// Fails without the circuit breaker (every read is late), and without the read's time limit (the first ones hang).
test('hung Redis: some reads pay 20 ms, a write a second once, none fails, and the cache comes back', LIMIT, async (context) => {
  const cluster = await start(context);
  const webs = [cluster.startWeb('web-0'), cluster.startWeb('web-1')];
  const { id } = await (webs[0] as CacheWeb).write();
  await untilCached(...webs);
  const usual = beginTraffic(webs, { acknowledged: id, isWriting: false });
  await sleep(1000);
  const before = timesOf((await usual.end()).reads);
  await untilCached(...webs);
  const master = await cluster.redis.master();
  await master.freeze();
  const reading = beginTraffic(webs, { acknowledged: id, isWriting: false });
  await sleep(900);
  const { stale, reads } = await reading.end();
  const writing = beginTraffic(webs, { acknowledged: id, isWriting: true });
  await sleep(2000);
  const { stale: later, writes } = await writing.end();
  assert.deepEqual([...stale, ...later], []);
  const late = await Promise.all(webs.map((web) => web.metric('holdfast_cache_bypasses_total{reason="redis-late"}')));
  const during = timesOf(reads);
  context.diagnostic(`reads from the cache ${before.text}; with Redis hung ${during.text}, too late for Redis ${late.join(' and ')}; writes then ${timesOf(writes).text}`);
  assert.ok(late.every((count) => count <= 6), `${late.join(' and ')} reads waited for Redis`);
  assert.ok(during.slowest < 300, during.text);
  assert.ok(writes.filter(({ ms }) => ms > 500).length <= 2 && timesOf(writes).slowest < 1500, timesOf(writes).text);
  await master.thaw();
  await untilCached(...webs);
});

// Fails when a primary is believed without asking the replicas: it would give leases, and answer, for ever.
test('a deposed MySQL primary that one process alone still reaches: its answers say that they may be old', LIMIT, async (context) => {
  const cluster = await start(context);
  const { members, wires } = await cluster.wireMembers();
  const [web0, web1] = [cluster.startWeb('web-0'), cluster.startWeb('web-1', { members })];
  await web0.write();
  await untilCached(web0, web1);
  const [old, next, other] = cluster.mysql.members;
  if (old === undefined || next === undefined || other === undefined) throw new Error('three members were started');
  // web-1 hears of neither of the others any more; the old primary knows nothing of its successor.
  wires.slice(1).forEach((wire) => wire.cut());
  await promote(next, [other], 2);
  await waitFor('web-0 to find the new primary', () => Promise.resolve(web0.topology.primary()?.epoch === 2));
  const deadline = performance.now() + 3000;
  let marked = 0;
  while (performance.now() < deadline) {
    const { id } = await web0.write();
    const read = await web1.read();
    assert.ok(read.id >= id || read.freshness === 'no-primary', `${read.id} from ${read.source} after ${id} was acknowledged`);
    if (read.freshness !== undefined) marked += 1;
    await sleep(20);
  }
  assert.ok(marked > 0, 'web-1 never answered from the deposed primary: nothing was tested');
});

// Fails when a primary that hangs keeps its reads until their deadline.
test('a hung MySQL primary: every read is answered soon, and says that it may be old', LIMIT, async (context) => {
  const cluster = await start(context);
  const webs = [cluster.startWeb('web-0'), cluster.startWeb('web-1')];
  const { id } = await (webs[0] as CacheWeb).write();
  await untilCached(...webs);
  const [primary] = cluster.mysql.members;
  await primary?.freeze();
  const reading = beginTraffic(webs, { acknowledged: id, isWriting: false });
  await sleep(4000);
  const { reads, stale } = await reading.end();
  const { slowest, text } = timesOf(reads);
  context.diagnostic(`reads with the primary hung: ${text}`);
  assert.deepEqual(stale, []);
  assert.ok(slowest < 1500, text);
  assert.ok(reads.some(({ source }) => source === 'replica'), text);
  await primary?.thaw();
  await untilCached(...webs);
});
