import type { Endpoint } from '../../common/members.ts';
import type { Program } from '../programs/program.ts';
import { prepareRedis, prepareSentinel } from '../redis/start.ts';
import { LOOPBACK } from '../supervisor/probe.ts';
import type { ProcessSpec } from '../supervisor/spec.ts';
import { inherited } from './environment.ts';
import { numbered, pathsIn, portsFrom } from './layout.ts';

/** What the Redis servers and Sentinels need. */
export interface RedisParts {
  readonly dataDir: string;
  readonly basePort: number;
  readonly password: string;
  readonly redisServer: Program;
}

const STOP_LIMIT_MS = 5000;

const at = (port: number): Endpoint => ({ host: LOOPBACK, port });
const serversFrom = (base: number): readonly Endpoint[] => numbered('redis').map(({ index }) => at(portsFrom(base).redis(index)));
const sentinelsFrom = (base: number): readonly (Endpoint & { readonly name: string })[] => numbered('sentinel').map(({ name, index }) => ({ name, ...at(portsFrom(base).sentinel(index)) }));

/** One Redis server. */
export function redisSpec({ dataDir, basePort, password, redisServer }: RedisParts, index: number): ProcessSpec {
  const name = `redis-${index}`;
  const folder = pathsIn(dataDir).process(name);
  const port = portsFrom(basePort).redis(index);
  const start = { redisServer, folder, self: at(port), settings: { password }, sentinels: sentinelsFrom(basePort), firstMaster: at(portsFrom(basePort).redis(0)) };
  return {
    name,
    kind: 'redis',
    cwd: dataDir,
    port,
    logFile: pathsIn(dataDir).log(name),
    launch: async () => ({ argv: await prepareRedis(start), env: { ...inherited(), ...redisServer.env } }),
    stopLimitMs: STOP_LIMIT_MS,
    ready: { port },
  };
}

/** One Sentinel. */
export function sentinelSpec({ dataDir, basePort, password, redisServer }: RedisParts, index: number): ProcessSpec {
  const name = `sentinel-${index}`;
  const folder = pathsIn(dataDir).process(name);
  const port = portsFrom(basePort).sentinel(index);
  const [master = at(portsFrom(basePort).redis(0)), ...replicas] = serversFrom(basePort);
  const settings = { name, port, password, master, replicas, others: sentinelsFrom(basePort).filter((sentinel) => sentinel.name !== name) };
  return {
    name,
    kind: 'sentinel',
    cwd: dataDir,
    port,
    logFile: pathsIn(dataDir).log(name),
    launch: () => ({ argv: prepareSentinel({ redisServer, folder, settings }), env: { ...inherited(), ...redisServer.env } }),
    stopLimitMs: STOP_LIMIT_MS,
    ready: { port },
  };
}
