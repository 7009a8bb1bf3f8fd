import { Redis } from 'ioredis';
import { REDIS_MASTER } from '../../common/names.ts';
import type { ProcessStatus } from '../stack/status.ts';
import type { Stage } from './fault.ts';

const ANSWER_MS = 1000;

/**
 * The name of the Redis that a majority of the answering Sentinels calls the master.
 * @throws Error when no Sentinel answers, or they do not agree
 */
export async function redisMaster({ stack, signal }: Stage): Promise<string> {
  const { processes } = await stack.status(signal);
  const sentinels = processes.filter((one) => one.kind === 'sentinel');
  const answers = await Promise.all(sentinels.map(masterPort));
  const votes = Map.groupBy(answers.filter((port) => port !== null), (port) => port);
  const [elected] = [...votes].sort((a, b) => b[1].length - a[1].length);
  const found = processes.find((one) => one.kind === 'redis' && one.port === elected?.[0]);
  if (elected === undefined || found === undefined || elected[1].length * 2 <= sentinels.length) throw new Error('The Sentinels do not agree on a Redis master.');
  return found.name;
}

/** The port that a Sentinel calls the master's; null when it does not answer. */
async function masterPort(sentinel: ProcessStatus): Promise<number | null> {
  return await withSentinel(sentinel, async (redis) => {
    const answer = await redis.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', REDIS_MASTER);
    return Array.isArray(answer) ? Number(answer[1]) : null;
  }).catch(() => null);
}

/** Uses one connection to a Sentinel, and closes it. Nothing is tried twice. */
async function withSentinel<T>(server: ProcessStatus, use: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis({
    host: '127.0.0.1', port: server.port, lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0,
    connectTimeout: ANSWER_MS, commandTimeout: ANSWER_MS,
  });
  // What goes wrong is seen by whoever awaits the command; without a listener ioredis prints it too.
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return await use(redis);
  } finally {
    redis.disconnect();
  }
}
