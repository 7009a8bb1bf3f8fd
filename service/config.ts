import { type Config, type Parse, type Setting, integer, oneOf, port, readConfig, text } from '../common/config.ts';
import { type Endpoint, type MemberAddress, parseEndpoints, parseMembers } from '../common/members.ts';

const milliseconds = integer({ min: 1, max: 3_600_000 });

/** `127.0.0.1:6379=10.0.0.5:7000,…`: where an address that the Sentinels name is reached. */
const parseNat: Parse<Readonly<Record<string, Endpoint>>> = (list) =>
  Object.fromEntries(list.split(',').map((entry) => {
    const [named, reached, ...rest] = entry.trim().split('=');
    const endpoint = rest.length === 0 && named !== undefined && reached !== undefined ? parseEndpoints(`${named},${reached}`)[1] : undefined;
    if (named === undefined || endpoint === undefined) throw new Error(`expected HOST:PORT=HOST:PORT, separated by commas, not ${JSON.stringify(entry)}`);
    return [named, endpoint];
  }));

/** At least as long as guessing it is hopeless. */
const secret: Parse<string> = (value) => {
  if (value.length < 16) throw new Error('expected at least 16 characters');
  return value;
};

const members: Setting<readonly MemberAddress[]> = { variable: 'MYSQL_MEMBERS', parse: parseMembers, meaning: 'all MySQL members: NAME=HOST:PORT/ADMIN_PORT, separated by commas' };
const sentinels: Setting<readonly Endpoint[]> = { variable: 'REDIS_SENTINELS', parse: parseEndpoints, meaning: 'the Sentinels: HOST:PORT, separated by commas' };
const redisNat: Setting<Readonly<Record<string, Endpoint>>> = { variable: 'REDIS_NAT', parse: parseNat, meaning: 'addresses that the Sentinels name = where they are reached, HOST:PORT=HOST:PORT, separated by commas', fallback: {} };

const SETTINGS = {
  name: { variable: 'NAME', parse: text, meaning: 'this process among its like, in logs and in the cache generation', fallback: 'web-0' },
  host: { variable: 'HOST', parse: text, meaning: 'address to listen on', fallback: '127.0.0.1' },
  port: { variable: 'PORT', parse: port, meaning: 'port of the API', fallback: 8080 },
  metricsPort: { variable: 'METRICS_PORT', parse: port, meaning: 'port of /metrics', fallback: 9090 },
  members,
  servicePassword: { variable: 'MYSQL_SERVICE_PASSWORD', parse: text, meaning: 'password of holdfast_service', secret: true },
  migrationPassword: { variable: 'MYSQL_MIGRATION_PASSWORD', parse: text, meaning: 'password of holdfast_migration', secret: true },
  poolSize: { variable: 'MYSQL_POOL_SIZE', parse: integer({ min: 2, max: 1000 }), meaning: 'connections to each member at most, for reads and for writes each', fallback: 40 },
  sentinels,
  redisPassword: { variable: 'REDIS_PASSWORD', parse: text, meaning: 'password of Redis', secret: true },
  redisNat,
  cookieSecret: { variable: 'COOKIE_SECRET', parse: secret, meaning: 'signs cookies and cursors, the same in all processes, at least 16 characters', secret: true },
  writeDeadlineMs: { variable: 'WRITE_DEADLINE_MS', parse: milliseconds, meaning: 'milliseconds for a write, the waiting at the edge included', fallback: 10_000 },
  writeAgainMs: { variable: 'WRITE_AGAIN_MS', parse: integer({ min: 0, max: 3_600_000 }), meaning: 'milliseconds after which a held write goes back to the edge, for another process; 0: never', fallback: 1000 },
  readDeadlineMs: { variable: 'READ_DEADLINE_MS', parse: milliseconds, meaning: 'milliseconds for a read; less than the edge waits for', fallback: 1500 },
  slowMs: { variable: 'SLOW_REQUEST_MS', parse: milliseconds, meaning: 'milliseconds from which on a request is logged at level info', fallback: 500 },
  cacheTtlS: { variable: 'CACHE_TTL_S', parse: integer({ min: 1, max: 604_800 }), meaning: 'seconds that a page stays in Redis', fallback: 3600 },
  logLevel: { variable: 'LOG_LEVEL', parse: oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']), meaning: 'least level of log lines', fallback: 'info' },
} as const;

/** The service's settings. */
export type ServiceConfig = Config<typeof SETTINGS>;

/**
 * Reads them all at once.
 * @throws ConfigError that names every wrong one
 */
export const readServiceConfig = (env: Readonly<Record<string, string | undefined>>): ServiceConfig => readConfig(SETTINGS, env);
