import type { Logger } from 'pino';
import { DATABASE, USERS } from '../common/names.ts';
import { CursorCodec } from './api/cursor.ts';
import { SeenCookie } from './api/cookie.ts';
import { createApp } from './app.ts';
import { createCache } from './cache/cache.ts';
import type { ServiceConfig } from './config.ts';
import { type ServiceMetrics, createMetrics, watchTopology } from './metrics.ts';
import { migrate } from './migrations/migrate.ts';
import { Pool } from './mysql/pool.ts';
import { metricsHandler } from './metrics-handler.ts';
import type { Cache, MemberPool, Primary } from './ports.ts';
import { HttpServer, STOP_PACE, type StopPace } from './server.ts';
import { MemberTopology, watched } from './topology/topology.ts';
import { purgeKeys } from './write/purge.ts';
import { Writer } from './write/writer.ts';

/** One running process of the service. */
export interface Service {
  /** Port of the API, and of the metrics. */
  readonly port: number;
  readonly metricsPort: number;
  /** Not ready from now on; finishes what is under way and closes everything, within ten seconds. */
  stop(): Promise<void>;
}

/**
 * Starts the service. It serves at once, also while there is no primary: the schema is brought up to date as soon as one
 * is there, and writes are held until then.
 * @throws Error when a port is taken
 */
export async function startService(config: ServiceConfig, log: Logger, pace: StopPace = STOP_PACE): Promise<Service> {
  const metrics = createMetrics();
  const stopping = new AbortController();
  const { topology, cache, writer, writePools } = createParts(config, log, metrics);
  const cookie = new SeenCookie(config.cookieSecret);
  const app = createApp({
    reading: { reader: cache, cursors: new CursorCodec(config.cookieSecret), cookie, deadlineMs: config.readDeadlineMs },
    writing: { writer, cookie, deadlineMs: config.writeDeadlineMs, againMs: config.writeAgainMs },
    isReady: () => !stopping.signal.aborted, log, metrics, slowMs: config.slowMs,
  });
  const handle = app.callback();
  const servers = { api: new HttpServer((request, response) => void handle(request, response)), metrics: new HttpServer(metricsHandler(metrics.registry)) };

  topology.start();
  cache.start();
  const background = [upToDate(topology, config, log, stopping.signal), purgeKeys({ topology, cache, log, signal: stopping.signal })];
  await servers.api.listen(config.host, config.port);
  await servers.metrics.listen(config.host, config.metricsPort);
  return {
    port: servers.api.port,
    metricsPort: servers.metrics.port,
    stop: async () => {
      stopping.abort(new Error('The service stops'));
      writer.handBackAll();
      await servers.api.stop(pace);
      for (const pool of writePools) pool.close();
      await Promise.all([servers.metrics.stop({ acceptMs: 0, idleMs: 0, cutMs: 200 }), cache.stop(), topology.stop(), ...background]);
    },
  };
}

interface Parts {
  readonly topology: MemberTopology;
  readonly cache: Cache;
  readonly writer: Writer;
  readonly writePools: readonly Pool[];
}

function createParts(config: ServiceConfig, log: Logger, metrics: ServiceMetrics): Parts {
  const { members, poolSize, servicePassword, name, cacheTtlS } = config;
  const now = (): number => performance.now();
  const targets = members.map((member) => ({ member, user: USERS.service, password: servicePassword, database: DATABASE }));
  const topology = new MemberTopology({ members: targets.map((target) => watched(target, poolSize)), log, now, random: Math.random, onFailover: metrics.failoverSeen });
  watchTopology(metrics.registry, topology);
  const redis = { sentinels: config.sentinels, password: config.redisPassword, nat: config.redisNat };
  const cache = createCache({ topology, members: members.length, name, ttlS: cacheTtlS, registry: metrics.registry, log, redis });
  const writePools = new Map(targets.map((target) => [target.member, new Pool(target, { size: poolSize })]));
  const poolOf = ({ pool }: Primary): MemberPool => writePools.get(pool.member) ?? pool;
  const writer = new Writer({ topology, acknowledger: cache, log, events: metrics.writes, now, poolOf });
  return { topology, cache, writer, writePools: [...writePools.values()] };
}

async function upToDate(topology: MemberTopology, config: ServiceConfig, log: Logger, signal: AbortSignal): Promise<void> {
  try {
    await migrate({ topology, log, signal, account: { user: USERS.migration, password: config.migrationPassword, database: DATABASE } });
  } catch (error) {
    // Only the signal ends it.
    log.debug({ err: error }, 'The migrations were ended');
  }
}
