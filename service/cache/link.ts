import { Redis } from 'ioredis';
import type { RedisOptions } from 'ioredis';
import type { Endpoint } from '../../common/members.ts';
import { REDIS_MASTER } from '../../common/names.ts';
import { within } from './clock.ts';
import { BEGIN, LOG, RAISE } from './scripts.ts';

/** How to reach Redis. */
export interface RedisAddress {
  readonly sentinels: readonly Endpoint[];
  readonly password: string;
  /** Shown in Redis' client list. */
  readonly clientName: string;
  /** Addresses that the Sentinels name (`host:port`) → where this process reaches them; the others are taken as named. */
  readonly nat?: Readonly<Record<string, Endpoint>>;
}

type Script = (...args: (string | number)[]) => Promise<(string | number)[]>;
type Scripted = Redis & { readonly cacheLog: Script; readonly cacheRaise: Script; readonly cacheBegin: Script };

/** Milliseconds for finding the master through the Sentinels, connecting and looking up who it is. */
const OPEN_MS = 3000;
/** A connection on which nothing comes for so many milliseconds, though something is due, is given up. */
const SILENT_MS = 1000;

/**
 * One TCP connection to the Redis master: never reconnects, never sends a command twice, never queues one. So an answer
 * always comes from the data set that {@link replicationId} names.
 */
export interface Link {
  readonly commands: Scripted;
  /** `master_replid`, looked up on this connection. */
  readonly replicationId: string;
  /** True once it is of no use any more: at once when {@link close} was called, though a silent master's connection lingers. */
  isClosed(): boolean;
  /** Resolves when it is closed, by whomever. */
  readonly closed: Promise<unknown>;
  /** Looks up anew who is at the other end. @throws when it is not this data set's master any more, or does not answer */
  check(): Promise<void>;
  close(): void;
}

/**
 * Asks the Sentinels for the master and connects to it.
 * @param signal aborted: stop trying; a link that is open already is not closed
 * @throws when no Sentinel names one, or it does not answer, or is no master
 */
export async function openLink(address: RedisAddress, signal: AbortSignal): Promise<Link> {
  const redis = connectionTo(address);
  // Not `once`: that settles on an `error`, too, of which a connection may show several before it ends.
  const closed = new Promise<void>((resolve) => redis.once('end', resolve));
  let isClosing = false;
  const close = (): void => {
    isClosing = true;
    redis.disconnect();
  };
  const symptoms: unknown[] = [];
  redis.on('error', (error: unknown) => symptoms.splice(0, symptoms.length, error));
  signal.addEventListener('abort', close, { once: true });
  try {
    signal.throwIfAborted();
    await within(redis.connect(), OPEN_MS, 'Connecting to the Redis master');
    const replicationId = await lookUp(redis);
    const check = async (): Promise<void> => {
      const now = await lookUp(redis);
      if (now !== replicationId) throw new Error(`Redis' data set changed its replication id from ${replicationId} to ${now}; the connection is opened anew.`);
    };
    return { commands: redis, replicationId, isClosed: () => isClosing || redis.status !== 'ready', closed, check, close };
  } catch (error) {
    redis.disconnect();
    // ioredis rejects with "Connection is closed."; what happened came before, as an event.
    throw new AggregateError([error, ...symptoms], 'Reaching the Redis master through the Sentinels failed; it is tried again.', { cause: error });
  } finally {
    signal.removeEventListener('abort', close);
  }
}

/** ioredis, with all that it would do on its own turned off. */
function connectionTo({ sentinels, password, clientName, nat }: RedisAddress): Scripted {
  const options: RedisOptions = {
    sentinels: sentinels.map(({ host, port }) => ({ host, port })),
    name: REDIS_MASTER,
    role: 'master',
    password,
    connectionName: clientName,
    ...(nat === undefined ? {} : { natMap: { ...nat } }),
    lazyConnect: true,
    // No failoverDetector: it keeps connections to the Sentinels whose errors nobody can listen to. A dead or hung master
    // shows here, a demoted one at the next check, a deposed one when the generation names another.
    updateSentinels: false,
    socketTimeout: SILENT_MS,
    connectTimeout: SILENT_MS,
    sentinelCommandTimeout: SILENT_MS / 2,
    disconnectTimeout: 100,
    // A new connection is a new Link.
    retryStrategy: () => null,
    sentinelRetryStrategy: () => null,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    enableAutoPipelining: true,
    scripts: {
      cacheLog: { lua: LOG, numberOfKeys: 3 },
      cacheRaise: { lua: RAISE, numberOfKeys: 3 },
      cacheBegin: { lua: BEGIN, numberOfKeys: 4 },
    },
  };
  return new Redis(options) as Scripted;
}

/** @throws when the other end is not a master */
async function lookUp(redis: Redis): Promise<string> {
  const info = await within(redis.info('replication'), SILENT_MS, 'INFO replication');
  const field = (name: string): string | undefined => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
  const replicationId = field('master_replid');
  if (field('role') !== 'master' || replicationId === undefined) throw new Error(`Redis says its role is ${field('role') ?? 'unknown'}, not master; the Sentinels are asked again.`);
  return replicationId;
}
