import { createHash } from 'node:crypto';
import type { Endpoint } from '../../common/members.ts';
import { REDIS_MASTER } from '../../common/names.ts';

/** What differs between Redis servers, or may be set. */
export interface RedisSettings {
  readonly port: number;
  readonly password: string;
  /** The master that it replicates; none makes it a master. */
  readonly replicaOf?: Endpoint;
  /** Largest size of its data, MiB. */
  readonly maxMemoryMiB?: number;
}

const quoted = (text: string): string => JSON.stringify(text);

/**
 * What every Redis server on every platform is told: nothing of where it listens, whom it replicates, or passwords. It is a cache: nothing is
 * ever written to disk, also not by replication. Only keys with a time to live are evicted, so that what must not be
 * forgotten is kept by having none.
 */
export const sharedRedis = ({ maxMemoryMiB = 64 }: Pick<RedisSettings, 'maxMemoryMiB'>): string => `daemonize no
supervised no
logfile ""
databases 1
save ""
appendonly no
rdb-del-sync-files yes
stop-writes-on-bgsave-error no
repl-diskless-sync yes
repl-diskless-sync-delay 0
repl-diskless-load on-empty-db
# Seconds. A replica notices a silent master, and a master a silent replica.
repl-timeout 5
repl-ping-replica-period 1
repl-backlog-size 1mb
replica-read-only yes
tcp-keepalive 10
shutdown-timeout 0
maxclients 1000
maxmemory ${maxMemoryMiB}mb
maxmemory-policy volatile-lru
`;

/** Writes the settings file of a Redis server. */
export const renderRedis = (settings: RedisSettings): string => `# Written at each start: change local/redis/settings.ts instead.
bind 127.0.0.1
port ${settings.port}
protected-mode yes
requirepass ${quoted(settings.password)}
masterauth ${quoted(settings.password)}
${sharedRedis(settings)}${settings.replicaOf === undefined ? '' : `replicaof ${settings.replicaOf.host} ${settings.replicaOf.port}\n`}`;

/** What differs between Sentinels, or may be set. */
export interface SentinelSettings {
  /** Stable name, such as `sentinel-0`: its identity among the others follows from it. */
  readonly name: string;
  readonly port: number;
  /** The password of the Redis servers. */
  readonly password: string;
  readonly master: Endpoint;
  readonly replicas: readonly Endpoint[];
  /** The other Sentinels. */
  readonly others: readonly (Endpoint & { readonly name: string })[];
  /** How long a server may be silent before it counts as down, ms. */
  readonly downAfterMs?: number;
}

/** A Sentinel's identity, 40 hexadecimal digits. */
export const sentinelId = (name: string): string => createHash('sha1').update(`holdfast ${name}`).digest('hex');

/** What {@link sharedSentinel} needs. */
export type SharedSentinel = Omit<SentinelSettings, 'port' | 'password'>;

/**
 * What a Sentinel on every platform is told: nothing of where it listens, or of passwords. All servers and Sentinels are
 * named in it, so that they are a quorum at once instead of finding each other over some seconds.
 */
export function sharedSentinel({ name, master, replicas, others, downAfterMs = 1000 }: SharedSentinel): string {
  const quorum = Math.floor((others.length + 1) / 2) + 1;
  const lines = [
    `sentinel myid ${sentinelId(name)}`,
    `sentinel monitor ${REDIS_MASTER} ${master.host} ${master.port} ${quorum}`,
    `sentinel down-after-milliseconds ${REDIS_MASTER} ${downAfterMs}`,
    // Twice this is the pause before a failed failover is tried again.
    `sentinel failover-timeout ${REDIS_MASTER} 3000`,
    `sentinel parallel-syncs ${REDIS_MASTER} ${Math.max(1, replicas.length)}`,
    ...replicas.map((replica) => `sentinel known-replica ${REDIS_MASTER} ${replica.host} ${replica.port}`),
    ...others.map((other) => `sentinel known-sentinel ${REDIS_MASTER} ${other.host} ${other.port} ${sentinelId(other.name)}`),
  ];
  return `${lines.join('\n')}\n`;
}

/** Writes the first settings file of a Sentinel; it rewrites that itself from then on. */
export const renderSentinel = (settings: SentinelSettings): string => `bind 127.0.0.1
port ${settings.port}
protected-mode yes
daemonize no
logfile ""
${sharedSentinel(settings)}sentinel auth-pass ${REDIS_MASTER} ${quoted(settings.password)}
`;
