import { Redis } from 'ioredis';
import type { Endpoint } from '../../common/members.ts';
import { REDIS_MASTER } from '../../common/names.ts';

/**
 * Asks Sentinels which Redis server is the master.
 * @param sentinels where they listen; those that do not answer are passed over
 * @param timeoutMs how long one may take
 * @returns what most of those that answer say; undefined when none does
 */
export async function currentMaster(sentinels: readonly Endpoint[], timeoutMs = 500): Promise<Endpoint | undefined> {
  const answers = await Promise.all(sentinels.map((sentinel) => askSentinel(sentinel, timeoutMs)));
  const counted = new Map<string, { readonly master: Endpoint; readonly votes: number }>();
  for (const master of answers) {
    if (master === undefined) continue;
    const key = `${master.host}:${master.port}`;
    counted.set(key, { master, votes: (counted.get(key)?.votes ?? 0) + 1 });
  }
  return [...counted.values()].toSorted((a, b) => b.votes - a.votes)[0]?.master;
}

async function askSentinel({ host, port }: Endpoint, timeoutMs: number): Promise<Endpoint | undefined> {
  const client = new Redis({ host, port, lazyConnect: true, connectTimeout: timeoutMs, commandTimeout: timeoutMs, maxRetriesPerRequest: 0, retryStrategy: () => null });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const answer = (await client.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', REDIS_MASTER)) as readonly [string, string] | null;
    return answer === null ? undefined : { host: answer[0], port: Number(answer[1]) };
  } catch {
    return undefined;
  } finally {
    client.disconnect();
  }
}
