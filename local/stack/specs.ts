import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { closeClients } from '../mysql/stop.ts';
import { memberFolder } from '../mysql/folder.ts';
import { initialiseMember } from '../mysql/initialise.ts';
import { prepareMember, RESTART_CODE } from '../mysql/start.ts';
import { prepareNginx, workerUser } from '../nginx/prepare.ts';
import type { TemporaryUser } from '../nginx/conf.ts';
import { Problem } from '../programs/problem.ts';
import type { Programs } from '../programs/programs.ts';
import { signalProcess } from '../supervisor/identity.ts';
import { LOOPBACK } from '../supervisor/probe.ts';
import type { Launch, Patience, ProcessSpec } from '../supervisor/spec.ts';
import type { LocalConfig } from './config.ts';
import { CACHE_DIR, inherited, ROOT } from './environment.ts';
import { membersText } from '../../common/members.ts';
import { COUNTS, numbered, pathsIn, portsFrom } from './layout.ts';
import { membersForOperator, membersForWeb, portsOfWeb, redisSettings } from './links.ts';
import { redisSpec, sentinelSpec } from './redis-specs.ts';
import type { Secrets } from './secrets.ts';

/** After how much silence a process that serves HTTP counts as hung. */
const PATIENCE: Patience = { silentMs: 2000, busyMs: 10_000 };

/** What {@link stackSpecs} needs. */
export interface StackParts {
  /** Absolute path. */
  readonly dataDir: string;
  readonly config: LocalConfig;
  readonly secrets: Secrets;
  readonly programs: Programs;
  readonly nginxLacks: readonly TemporaryUser[];
}

/** Every process of the stack. */
export function stackSpecs(parts: StackParts): readonly ProcessSpec[] {
  const { dataDir, config, secrets, programs } = parts;
  const redis = { dataDir, basePort: config.basePort, password: secrets.redis, redisServer: programs.redisServer };
  return [
    ...numbered('mysql').map(({ index }) => mysqlSpec(parts, index)),
    operatorSpec(parts),
    ...numbered('redis').map(({ index }) => redisSpec(redis, index)),
    ...numbered('sentinel').map(({ index }) => sentinelSpec(redis, index)),
    ...numbered('web').map(({ index }) => webSpec(parts, index)),
    ...numbered('nginx').map(({ index }) => nginxSpec(parts, index)),
  ];
}

/** How a member is asked to stop; also one that a killed supervisor left. */
export function askToStopMysql(basePort: number, secrets: Secrets, index: number): (pid: number) => Promise<void> {
  const adminPort = portsFrom(basePort).mysqlAdmin(index);
  return async (pid) => {
    // Thrown: the supervisor kills it then, which loses nothing, whereas SIGTERM would acknowledge what no replica has.
    if (!(await closeClients({ host: LOOPBACK, adminPort, password: secrets.mysql.supervisor }))) throw new Error(`mysql-${index} did not close its clients`);
    signalProcess(pid, 'SIGTERM');
  };
}

function mysqlSpec({ dataDir, config: { basePort }, secrets, programs }: StackParts, index: number): ProcessSpec {
  const ports = portsFrom(basePort);
  const name = `mysql-${index}`;
  const folder = memberFolder(pathsIn(dataDir).process(name));
  const settings = { host: LOOPBACK, port: ports.mysql(index), adminPort: ports.mysqlAdmin(index), serverId: index + 1, members: COUNTS.mysql };
  return {
    name,
    kind: 'mysql',
    cwd: folder.root,
    port: settings.port,
    logFile: pathsIn(dataDir).log(name),
    launch: async (signal) => {
      // A member whose data folder was lost begins anew, empty; the operator decides what becomes of it.
      const ms = await initialiseMember({ mysqld: programs.mysqld, folder, passwords: secrets.mysql, signal });
      const { argv, env, reseeded } = prepareMember({ mysqld: programs.mysqld, folder, settings, supervisorPid: process.pid });
      const notes = [...(ms === undefined ? [] : ['had no data folder and got an empty one']), ...(reseeded ? ['was re-seeded and gets a new server_uuid'] : [])];
      return { argv, env: { ...inherited(), ...env }, notes };
    },
    askToStop: askToStopMysql(basePort, secrets, index),
    stopLimitMs: 20_000,
    ready: { port: settings.adminPort },
    restartCodes: [RESTART_CODE],
  };
}

/** A program of this checkout, run by the Node that runs this. */
function ownProgram(file: string, env: Readonly<Record<string, string>>, nodeOptions: readonly string[] = []): Launch {
  const path = join(ROOT, file);
  if (!existsSync(path)) throw new Problem(`${path} is missing: the checkout is not whole.`);
  // Compiled code is kept, which makes each start after the first a third of a second shorter.
  return { argv: [process.execPath, ...nodeOptions, path], env: { NODE_COMPILE_CACHE: join(CACHE_DIR, 'compiled'), ...inherited(), ...env } };
}

function operatorSpec({ dataDir, config, secrets }: StackParts): ProcessSpec {
  const port = portsFrom(config.basePort).operator;
  const env = {
    NAME: 'operator',
    HOST: LOOPBACK,
    OPERATOR_PORT: String(port),
    MYSQL_MEMBERS: membersText(membersForOperator(config)),
    MYSQL_OPERATOR_PASSWORD: secrets.mysql.operator,
    MYSQL_REPLICATION_PASSWORD: secrets.mysql.replication,
    INITIALISED_MARK: pathsIn(dataDir).initialisedMark,
  };
  const logFile = pathsIn(dataDir).log('operator');
  // It keeps little, and V8 would let garbage pile up: 145 MB with its usual settings, 62 with these (npm run footprint).
  const launch = (): Launch => ownProgram('operator/main.ts', env, ['--max-semi-space-size=1', '--optimize-for-size', '--max-old-space-size=64']);
  const probe = { port, path: '/healthz' };
  return { name: 'operator', kind: 'operator', cwd: ROOT, port, logFile, launch, stopLimitMs: 10_000, ready: probe, alive: { ...probe, ...PATIENCE } };
}

function webSpec({ dataDir, config, secrets }: StackParts, index: number): ProcessSpec {
  const ports = portsFrom(config.basePort);
  const name = `web-${index}`;
  const port = ports.web(index);
  const env = {
    NAME: name,
    HOST: LOOPBACK,
    PORT: String(port),
    METRICS_PORT: String(ports.webMetrics(index)),
    MYSQL_MEMBERS: membersText(membersForWeb(config, index)),
    MYSQL_SERVICE_PASSWORD: secrets.mysql.service,
    MYSQL_MIGRATION_PASSWORD: secrets.mysql.migration,
    ...redisSettings(config, index),
    REDIS_PASSWORD: secrets.redis,
    COOKIE_SECRET: secrets.cookie,
  };
  const probe = { port, path: '/healthz' };
  const logFile = pathsIn(dataDir).log(name);
  const launch = (): Launch => ownProgram('service/main.ts', env);
  return { name, kind: 'web', cwd: ROOT, port, logFile, launch, stopLimitMs: 12_000, ready: probe, alive: { ...probe, ...PATIENCE } };
}

function nginxSpec({ dataDir, config, programs: { nginx }, nginxLacks }: StackParts, index: number): ProcessSpec {
  const ports = portsFrom(config.basePort);
  const name = `nginx-${index}`;
  const folder = pathsIn(dataDir).process(name);
  const healthPort = ports.nginxHealth(index);
  const settings = {
    folder,
    httpPort: config.httpPort,
    healthPort,
    webPorts: portsOfWeb(config),
    cacheSeconds: config.edgeCacheSeconds,
    without: nginxLacks,
    ...workerUser(),
  };
  const probe = { port: healthPort, path: '/healthz' };
  return {
    name,
    kind: 'nginx',
    cwd: dataDir,
    port: config.httpPort,
    logFile: pathsIn(dataDir).log(name),
    launch: () => ({ argv: prepareNginx(nginx, settings), env: { ...inherited(), ...nginx.env } }),
    // Finishes what is under way; its limit is the settings' worker_shutdown_timeout and a little.
    askToStop: async (pid) => signalProcess(pid, 'SIGQUIT'),
    stopLimitMs: 7000,
    ready: probe,
    alive: { ...probe, ...PATIENCE },
  };
}
