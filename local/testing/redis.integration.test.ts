import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { Redis } from 'ioredis';
import { REDIS_MASTER } from '../../common/names.ts';
import { startRedis } from './redis.ts';
import type { TestRedis, TestRedisCluster } from './redis.ts';
import { waitFor } from './wait.ts';

const LIMIT = { timeout: 60_000 };
let cluster: TestRedisCluster;

before(async () => {
  cluster = await startRedis();
}, LIMIT);
after(() => cluster.stop());

async function connectTo(server: TestRedis): Promise<Redis> {
  const password = cluster.sentinels.includes(server) ? {} : { password: cluster.password };
  const client = new Redis({ host: server.host, port: server.port, ...password, lazyConnect: true, retryStrategy: () => null });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

async function ask(server: TestRedis, name: string, ...args: readonly string[]): Promise<unknown> {
  const client = await connectTo(server);
  try {
    return await client.call(name, ...args);
  } finally {
    client.disconnect();
  }
}

test('without the password nothing is answered', LIMIT, async () => {
  const client = new Redis({ port: cluster.servers[0]?.port ?? 0, lazyConnect: true, enableReadyCheck: false, retryStrategy: () => null });
  client.on('error', () => undefined);
  await client.connect();
  await assert.rejects(client.get('x'), /NOAUTH/);
  client.disconnect();
});

test('the Sentinels are a quorum at once, and a killed master comes back as a replica of the new one', LIMIT, async () => {
  const [first] = cluster.servers;
  const [sentinel] = cluster.sentinels;
  assert.ok(first && sentinel);
  await waitFor('a quorum', async () => String(await ask(sentinel, 'SENTINEL', 'CKQUORUM', REDIS_MASTER)).startsWith('OK 3 usable'), 3000);
  assert.equal(await cluster.master(), first);
  const client = await connectTo(first);
  await client.set('kept', 'by the replicas');
  assert.equal(await client.wait(2, 5000), 2);
  client.disconnect();

  await first.kill('SIGKILL');
  await waitFor('another master', async () => (await cluster.master()) !== first, 10_000);
  const second = await cluster.master();
  assert.equal(await ask(second, 'GET', 'kept'), 'by the replicas');
  await first.start();
  const role = (await ask(first, 'ROLE')) as readonly unknown[];
  assert.equal(role[0], 'slave');
  assert.equal(role[2], second.port);
});

test('a killed Sentinel comes back with what it knew', LIMIT, async () => {
  const [, sentinel] = cluster.sentinels;
  assert.ok(sentinel);
  const before = await ask(sentinel, 'SENTINEL', 'GET-MASTER-ADDR-BY-NAME', REDIS_MASTER);
  await sentinel.kill('SIGKILL');
  await sentinel.start();
  assert.deepEqual(await ask(sentinel, 'SENTINEL', 'GET-MASTER-ADDR-BY-NAME', REDIS_MASTER), before);
});

test('nothing of the cache is on disk', LIMIT, async () => {
  for (const server of cluster.servers) {
    const [, folder = ''] = (await ask(server, 'CONFIG', 'GET', 'dir')) as readonly string[];
    assert.ok(existsSync(folder));
    assert.deepEqual(readdirSync(folder).filter((name) => name.endsWith('.rdb') || name.includes('aof')), []);
  }
});
