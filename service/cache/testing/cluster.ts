import { createHash, randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { DATABASE, USERS } from '../../../common/names.ts';
import type { Endpoint, MemberAddress } from '../../../common/members.ts';
import { freePorts } from '../../../local/testing/ports.ts';
import { startRedis } from '../../../local/testing/redis.ts';
import type { TestRedisCluster } from '../../../local/testing/redis.ts';
import { openReplication } from '../../../local/testing/replication.ts';
import { startMembers } from '../../../local/testing/servers.ts';
import type { TestMembers } from '../../../local/testing/servers.ts';
import { migrate } from '../../migrations/migrate.ts';
import type { Cache, Fill, PageRead, Primary, WriteOutcome } from '../../ports.ts';
import { MemberTopology, watched } from '../../topology/topology.ts';
import { toPacket } from '../../write/command.ts';
import { readOutcome } from '../../write/outcome.ts';
import { Writer } from '../../write/writer.ts';
import { createCache } from '../cache.ts';
import { Wire } from './wire.ts';

/** The parts of one process of the service that the cache's promise is about, in the test's own process. */
export interface CacheWeb {
  readonly cache: Cache;
  readonly topology: MemberTopology;
  /** Executes and acknowledges one write; its page shows at least the number from then on. A key names the request. */
  readonly write: (key?: string) => Promise<{ readonly id: number; readonly ms: number; readonly outcome: WriteOutcome }>;
  /** The highest number, through the cache. */
  readonly read: () => Promise<PageRead & { readonly id: number; readonly ms: number }>;
  /** One metric's value, such as `holdfast_cache_bypasses_total{reason="off"}`. */
  readonly metric: (name: string) => Promise<number>;
  readonly stop: () => Promise<void>;
}

/** How one web process reaches the servers, where not directly. */
export interface Ways {
  readonly members?: readonly MemberAddress[];
  readonly sentinels?: readonly Endpoint[];
  readonly nat?: Readonly<Record<string, Endpoint>>;
}

/** Ways of one process to Redis and the Sentinels, all cut, mended or delayed together. */
export type RedisWires = Ways & Pick<Wire, 'cut' | 'mend' | 'delay'> & {
  /** One way for each Redis server, in their order. */
  readonly servers: readonly Wire[];
};

/** Real MySQL with the service's schema, and real Redis with Sentinels. */
export interface CacheCluster {
  readonly mysql: TestMembers;
  readonly redis: TestRedisCluster;
  readonly startWeb: (name: string, ways?: Ways) => CacheWeb;
  /** Ways to Redis and the Sentinels that can become silent or slow. */
  readonly wireRedis: () => Promise<RedisWires>;
  /** Ways to members that can become silent or slow, in the members' order. */
  readonly wireMembers: () => Promise<{ readonly members: readonly MemberAddress[]; readonly wires: readonly Wire[] }>;
  /** Commits one write on the primary as a process does that dies before it acknowledges. */
  readonly commitOnly: (web: CacheWeb, key?: string) => Promise<{ readonly id: number; readonly outcome: WriteOutcome }>;
  readonly stop: () => Promise<void>;
}

const log = pino({ level: process.env['CACHE_TEST_LOG'] ?? 'silent' });
const VALUES = { address: '1 Test Street', suburb_name: null, property_type: null, bedrooms: null, bathrooms: null, carparks: null, land_size: null, price: null, sold_time: null, link: null };

/** A page of which every write makes another one. */
const HIGHEST: Fill = async (select) => ({ page: String((await select('SELECT COALESCE(MAX(id), 0) AS highest FROM property', []))[0]?.['highest']), extent: { kind: 'everything' } });

const packetOf = (key: string): ReturnType<typeof toPacket> => toPacket({ kind: 'create', values: VALUES }, createHash('sha256').update(key).digest(), Buffer.alloc(32));

/** Starts all; its `stop` ends all. */
export async function startCacheCluster(): Promise<CacheCluster> {
  const [mysql, redis] = await Promise.all([startMembers({ count: 3 }), startRedis()]);
  const ends: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(ends.map((end) => end()));
    await Promise.all([mysql.stop(), redis.stop()]);
  };
  try {
    await openReplication(mysql.members);
    const startWeb = (name: string, ways: Ways = {}): CacheWeb => {
      const web = createWeb({ mysql, redis, name }, ways);
      ends.push(web.stop);
      return web;
    };
    const first = startWeb('web-first');
    await migrate({ topology: first.topology, log, signal: AbortSignal.timeout(20_000), account: { user: USERS.migration, password: mysql.passwords.migration, database: DATABASE } });
    await first.stop();
    const wireMembers: CacheCluster['wireMembers'] = async () => {
      const { ways, wires } = await wireAll(mysql.members, ends);
      return { wires, members: mysql.members.map((member, index) => ({ ...member, port: ways[index]?.port ?? 0 })) };
    };
    return { mysql, redis, startWeb, stop, commitOnly, wireMembers, wireRedis: () => wireRedis(redis, ends) };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function commitOnly(web: CacheWeb, key: string = randomUUID()): Promise<{ readonly id: number; readonly outcome: WriteOutcome }> {
  const primary: Primary = await web.topology.waitForPrimary(AbortSignal.timeout(2000));
  const packet = packetOf(key);
  const { id = 0, outcome } = readOutcome(await primary.pool.run(packet.sql, packet.values, { deadlineMs: 2000 }), primary, packet);
  return { id, outcome };
}

function createWeb({ mysql, redis, name }: { mysql: TestMembers; redis: TestRedisCluster; name: string }, ways: Ways): CacheWeb {
  const { members = mysql.members, sentinels = redis.sentinels, nat } = ways;
  const registry = new Registry();
  const now = (): number => performance.now();
  const topology = new MemberTopology({ members: members.map((member) => watched({ member, user: USERS.service, password: mysql.passwords.service, database: DATABASE }, 20)), log, now, random: Math.random });
  const cache = createCache({ topology, members: 3, name, ttlS: 3600, registry, log, redis: { sentinels, password: redis.password, ...(nat === undefined ? {} : { nat }) } });
  const writer = new Writer({ topology, acknowledger: cache, log, now, events: { retried: () => undefined, held: () => undefined, sent: () => undefined } });
  topology.start();
  cache.start();
  let stopped: Promise<unknown> | undefined;
  return {
    cache, topology,
    write: async (key = randomUUID()) => {
      const startedAt = now();
      const { id = 0, outcome } = await writer.write(packetOf(key), { deadlineMs: 10_000, signal: new AbortController().signal });
      return { id, outcome, ms: now() - startedAt };
    },
    read: async () => {
      const startedAt = now();
      const read = await cache.readPage('highest', HIGHEST, { signal: AbortSignal.timeout(5000) });
      return { ...read, id: Number(read.page), ms: now() - startedAt };
    },
    metric: async (wanted) => Number((await registry.metrics()).split('\n').find((line) => line.startsWith(`${wanted} `))?.split(' ').at(-1) ?? 0),
    stop: () => (stopped ??= Promise.all([cache.stop(), topology.stop()])) as Promise<never>,
  };
}

async function wireRedis(redis: TestRedisCluster, ends: (() => Promise<unknown>)[]): Promise<RedisWires> {
  const targets = [...redis.servers, ...redis.sentinels];
  const { ways, wires } = await wireAll(targets, ends);
  return {
    sentinels: ways.slice(redis.servers.length),
    nat: Object.fromEntries(targets.map(({ port }, index) => [`127.0.0.1:${port}`, ways[index] as Endpoint])),
    servers: wires.slice(0, redis.servers.length),
    cut: () => wires.forEach((wire) => wire.cut()),
    mend: () => wires.forEach((wire) => wire.mend()),
    delay: (ms) => wires.forEach((wire) => wire.delay(ms)),
  };
}

async function wireAll(targets: readonly { readonly port: number }[], ends: (() => Promise<unknown>)[]): Promise<{ readonly ways: readonly Endpoint[]; readonly wires: readonly Wire[] }> {
  const ports = await freePorts(targets.length);
  const wires = await Promise.all(targets.map(({ port: target }, index) => Wire.open(ports[index] ?? 0, target)));
  for (const wire of wires) ends.push(() => wire.close());
  return { wires, ways: ports.map((port) => ({ host: '127.0.0.1', port })) };
}
