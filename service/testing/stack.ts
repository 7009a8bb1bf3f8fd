import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { openReplication } from '../../local/testing/replication.ts';
import { type TestRedisCluster, startRedis } from '../../local/testing/redis.ts';
import { type TestMembers, startMembers } from '../../local/testing/servers.ts';
import { freePorts } from '../../local/testing/ports.ts';
import { waitFor } from '../../local/testing/wait.ts';

/** A process of the service, as a test runs it. */
export interface TestWeb {
  readonly name: string;
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly metricsUrl: string;
  readonly process: ChildProcess;
  /** Everything that it logged. */
  readonly log: () => string;
  /** Ends it; resolves with its exit code. */
  readonly stop: (signal?: 'SIGTERM' | 'SIGKILL') => Promise<number | null>;
}

/** MySQL and Redis for processes of the service. */
export interface TestStack {
  readonly mysql: TestMembers;
  readonly redis: TestRedisCluster;
  /** Starts a process of the service, and resolves when it answers. */
  readonly startWeb: (name: string, settings?: Readonly<Record<string, string>>) => Promise<TestWeb>;
  readonly stop: () => Promise<void>;
}

const COOKIE_SECRET = 'a secret for tests only';

/** Starts the servers; replication is opened unless told otherwise, so that the first member is the primary. */
export async function startStack({ replication = 'open' }: { readonly replication?: 'open' | 'closed' } = {}): Promise<TestStack> {
  const [mysql, redis] = await Promise.all([startMembers({ count: 3 }), startRedis()]);
  const webs: TestWeb[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(webs.map((web) => web.stop('SIGKILL')));
    await Promise.all([mysql.stop(), redis.stop()]);
  };
  try {
    if (replication === 'open') await openReplication(mysql.members);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    mysql, redis, stop,
    startWeb: async (name, settings = {}) => {
      const web = await spawnWeb(name, { ...connections(mysql, redis), ...settings });
      webs.push(web);
      await waitFor(`${name} to answer; it logged ${web.log()}`, async () => (await fetch(`${web.url}/healthz`)).ok);
      return web;
    },
  };
}

const connections = (mysql: TestMembers, redis: TestRedisCluster): Readonly<Record<string, string>> => ({
  MYSQL_MEMBERS: mysql.members.map(({ name, host, port, adminPort }) => `${name}=${host}:${port}/${adminPort}`).join(','),
  MYSQL_SERVICE_PASSWORD: mysql.passwords.service,
  MYSQL_MIGRATION_PASSWORD: mysql.passwords.migration,
  REDIS_SENTINELS: redis.sentinels.map(({ host, port }) => `${host}:${port}`).join(','),
  REDIS_PASSWORD: redis.password,
  COOKIE_SECRET,
});

async function spawnWeb(name: string, settings: Readonly<Record<string, string>>): Promise<TestWeb> {
  const [port, metricsPort] = await freePorts(2);
  const env = { NAME: name, PORT: String(port), METRICS_PORT: String(metricsPort), LOG_LEVEL: 'debug', ...settings };
  const child = spawn(process.execPath, [join(import.meta.dirname, '../main.ts')], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  child.stdout.on('data', (chunk: Buffer) => lines.push(chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => lines.push(chunk.toString()));
  // Whatever ends this process ends it as well.
  process.once('exit', () => child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  return {
    name, process: child, url: `http://127.0.0.1:${port}`, metricsUrl: `http://127.0.0.1:${metricsPort}/metrics`,
    log: () => lines.join(''),
    stop: async (signal = 'SIGTERM') => {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill(signal);
        if (signal === 'SIGKILL') child.kill('SIGCONT');
        await ended;
      }
      return child.exitCode;
    },
  };
}

