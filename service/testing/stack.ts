import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Connection } from 'mysql2/promise';
import { modulesLacking, prepareNginx, workerUser } from '../../local/nginx/prepare.ts';
import { type Guardian, startGuardian } from '../../local/testing/guardian.ts';
import { freePorts } from '../../local/testing/ports.ts';
import { type TestSignal, ServerProcess } from '../../local/testing/process.ts';
import { type TestRedisCluster, startRedis } from '../../local/testing/redis.ts';
import { openReplication } from '../../local/testing/replication.ts';
import { type TestMembers, startMembers, testPrograms } from '../../local/testing/servers.ts';
import { waitFor } from '../../local/testing/wait.ts';

/** A process of the service, as a test runs it. */
export interface TestWeb {
  readonly name: string;
  readonly port: number;
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly metricsUrl: string;
  /** Everything that it logged, at level debug. */
  readonly log: () => string;
  /** SIGTERM and SIGKILL: resolves when it has ended. */
  readonly kill: (signal: TestSignal) => Promise<void>;
  /** Its exit code, once it has ended; null when a signal ended it. */
  readonly exitCode: () => Promise<number | null>;
}

/** MySQL, Redis, and processes of the service. */
export interface TestStack {
  readonly mysql: TestMembers;
  readonly redis: TestRedisCluster;
  /** Starts a process of the service, and resolves when it answers. */
  readonly startWeb: (name: string, settings?: Readonly<Record<string, string>>) => Promise<TestWeb>;
  /** Starts nginx in front of them, without a cache of its own; resolves with its URL. */
  readonly startEdge: (webs: readonly TestWeb[]) => Promise<string>;
  /** The environment that a process of the service gets. */
  readonly environment: Readonly<Record<string, string>>;
  readonly stop: () => Promise<void>;
}

/** A stack with two processes, and a connection to its primary. */
export interface TestPair {
  readonly stack: TestStack;
  readonly webs: readonly [TestWeb, TestWeb];
  readonly primary: Connection;
}

const COOKIE_SECRET = 'a secret for tests only';

/** Starts the servers, replication open, the first member the primary. */
export async function startStack(): Promise<TestStack> {
  const [mysql, redis] = await Promise.all([startMembers({ count: 3 }), startRedis()]);
  const guardian = startGuardian('web');
  const stop = async (): Promise<void> => void (await Promise.all([guardian.end(), mysql.stop(), redis.stop()]));
  try {
    await openReplication(mysql.members);
  } catch (error) {
    await stop();
    throw error;
  }
  const environment = connections(mysql, redis);
  return {
    mysql, redis, stop, environment,
    startWeb: (name, settings = {}) => startWeb(guardian, name, { ...environment, ...settings }),
    startEdge: (webs) => startEdge(guardian, webs),
  };
}

/** Starts a stack with `web-0` and `web-1`. */
export async function startPair(): Promise<TestPair> {
  const stack = await startStack();
  try {
    const webs = [await stack.startWeb('web-0'), await stack.startWeb('web-1')] as const;
    return { stack, webs, primary: await connectTo(stack, 0, 'migration') };
  } catch (error) {
    await stack.stop();
    throw error;
  }
}

/** Connects to a member as a client does that may do anything with the service's tables. */
export async function connectTo({ mysql }: TestStack, index: number, account: 'migration' | 'operator'): Promise<Connection> {
  const member = mysql.members[index];
  if (member === undefined) throw new Error(`There is no member ${index}`);
  return member.connect(account, { port: 'normal', database: 'holdfast' });
}

const connections = (mysql: TestMembers, redis: TestRedisCluster): Readonly<Record<string, string>> => ({
  MYSQL_MEMBERS: mysql.members.map(({ name, host, port, adminPort }) => `${name}=${host}:${port}/${adminPort}`).join(','),
  MYSQL_SERVICE_PASSWORD: mysql.passwords.service,
  MYSQL_MIGRATION_PASSWORD: mysql.passwords.migration,
  REDIS_SENTINELS: redis.sentinels.map(({ host, port }) => `${host}:${port}`).join(','),
  REDIS_PASSWORD: redis.password,
  COOKIE_SECRET,
});

async function startWeb(guardian: Guardian, name: string, settings: Readonly<Record<string, string>>): Promise<TestWeb> {
  const [port = 0, metricsPort] = await freePorts(2);
  const logFile = join(guardian.folder, `${name}.log`);
  const server = new ServerProcess(guardian, logFile);
  server.spawn([process.execPath, join(import.meta.dirname, '../main.ts')], { NAME: name, PORT: String(port), METRICS_PORT: String(metricsPort), LOG_LEVEL: 'debug', ...settings });
  const web: TestWeb = {
    name, port, url: `http://127.0.0.1:${port}`, metricsUrl: `http://127.0.0.1:${metricsPort}/metrics`,
    log: () => readFileSync(logFile, 'utf8'),
    kill: (signal) => server.kill(signal),
    exitCode: async () => ((await server.ended) as readonly [number | null])[0],
  };
  await waitFor(`${name} to answer`, async () => {
    if (!server.running) throw new Error(`${name} ended; it logged ${web.log()}`);
    return (await fetch(`${web.url}/healthz`)).ok;
  });
  return web;
}

async function startEdge(guardian: Guardian, webs: readonly TestWeb[]): Promise<string> {
  const { nginx } = await testPrograms();
  const [httpPort = 0, healthPort = 0] = await freePorts(2);
  const settings = { folder: join(guardian.folder, 'nginx'), httpPort, healthPort, webPorts: webs.map(({ port }) => port), cacheSeconds: 0, without: await modulesLacking(nginx), ...workerUser() };
  const server = new ServerProcess(guardian, join(guardian.folder, 'nginx.log'));
  server.spawn(prepareNginx(nginx, settings), nginx.env);
  await waitFor('nginx to answer', async () => (await fetch(`http://127.0.0.1:${healthPort}/healthz`)).ok);
  return `http://127.0.0.1:${httpPort}`;
}
