import { join } from 'node:path';
import { Redis } from 'ioredis';
import type { Endpoint } from '../../common/members.ts';
import { currentMaster } from '../redis/master.ts';
import { prepareRedis, prepareSentinel } from '../redis/start.ts';
import { startGuardian } from './guardian.ts';
import type { Guardian } from './guardian.ts';
import { freePorts } from './ports.ts';
import { ServerProcess } from './process.ts';
import type { TestSignal } from './process.ts';
import { testPrograms } from './servers.ts';
import { waitFor } from './wait.ts';

/** One real Redis server or Sentinel of a test. */
export interface TestRedis extends Endpoint {
  readonly name: string;
  /** Its process and process group; 0 while it does not run. */
  readonly pid: number;
  /** Sends a signal; resolves when it has ended for SIGTERM and SIGKILL. */
  readonly kill: (signal: TestSignal) => Promise<void>;
  /** Starts it (again) as the supervisor would, and resolves when it answers. */
  readonly start: () => Promise<void>;
  readonly freeze: () => Promise<void>;
  readonly thaw: () => Promise<void>;
}

/** Real Redis servers and Sentinels of a test, and how to end them. */
export interface TestRedisCluster {
  /** The first is master at the start. */
  readonly servers: readonly TestRedis[];
  readonly sentinels: readonly TestRedis[];
  readonly password: string;
  /** The server that most Sentinels call master now. */
  readonly master: () => Promise<TestRedis>;
  /** Ends all and removes their folders; safe to call twice. */
  readonly stop: () => Promise<void>;
}

/** The password of Redis in tests. */
export const TEST_REDIS_PASSWORD = 'test-redis';

/**
 * Starts a Redis master with replicas that follow it, and as many Sentinels that all know each other.
 * @param options.count of each
 */
export async function startRedis({ count = 3 }: { readonly count?: number } = {}): Promise<TestRedisCluster> {
  const { redisServer } = await testPrograms();
  const guardian = startGuardian('redis');
  const ports = await freePorts(count * 2);
  const endpoints = (first: number, kind: string): readonly (Endpoint & { readonly name: string })[] =>
    ports.slice(first, first + count).map((port, index) => ({ name: `${kind}-${index}`, host: '127.0.0.1', port }));
  const [redisAt, sentinelsAt] = [endpoints(0, 'redis'), endpoints(count, 'sentinel')];
  const [firstMaster, ...replicas] = redisAt;
  if (firstMaster === undefined) throw new Error('Starting Redis needs at least one server');
  const password = TEST_REDIS_PASSWORD;
  const servers = redisAt.map((self) =>
    createServer(guardian, self, password, (folder) => prepareRedis({ redisServer, folder, self, settings: { password }, sentinels: sentinelsAt, firstMaster })),
  );
  const sentinels = sentinelsAt.map((self) => {
    const settings = { name: self.name, port: self.port, password, master: firstMaster, replicas, others: sentinelsAt.filter((other) => other !== self) };
    return createServer(guardian, self, undefined, (folder) => Promise.resolve(prepareSentinel({ redisServer, folder, settings })));
  });
  const master = async (): Promise<TestRedis> => {
    const at = await currentMaster(sentinelsAt);
    const found = servers.find(({ port }) => port === at?.port);
    if (found === undefined) throw new Error('No Sentinel names a master: wait until they serve');
    return found;
  };
  try {
    await Promise.all(servers.map((server) => server.start()));
    await waitFor('the Redis replicas to follow', async () => (await info(firstMaster, password)).split('state=online').length === replicas.length + 1);
    await Promise.all(sentinels.map((sentinel) => sentinel.start()));
    return { servers, sentinels, password, master, stop: guardian.end };
  } catch (error) {
    await guardian.end();
    throw error;
  }
}

// oxlint-disable-next-line max-params -- who watches it, where it is, how to get in, how to start it
function createServer(guardian: Guardian, { name, host, port }: Endpoint & { readonly name: string }, password: string | undefined, prepare: (folder: string) => Promise<readonly string[]>): TestRedis {
  const server = new ServerProcess(guardian, join(guardian.folder, `${name}.log`));
  return {
    name, host, port,
    get pid() { return server.pid; },
    kill: (signal) => server.kill(signal),
    start: async () => {
      server.spawn(await prepare(join(guardian.folder, name)), {});
      await waitFor(`${name} to serve`, async () => (await info({ host, port }, password)).includes('run_id'));
    },
    freeze: () => server.kill('SIGSTOP'),
    thaw: () => server.kill('SIGCONT'),
  };
}

async function info({ host, port }: Endpoint, password: string | undefined): Promise<string> {
  const client = new Redis({ host, port, lazyConnect: true, connectTimeout: 1000, commandTimeout: 1000, maxRetriesPerRequest: 0, retryStrategy: () => null, ...(password === undefined ? {} : { password }) });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await client.info();
  } finally {
    client.disconnect();
  }
}
