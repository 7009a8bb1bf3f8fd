import { integer, oneOf, port, readConfig, text } from '../common/config.ts';
import type { Config } from '../common/config.ts';
import { parseMembers } from '../common/members.ts';

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
const PLATFORMS = ['local', 'kubernetes'] as const;

const COMMON = {
  name: { variable: 'NAME', parse: text, meaning: 'name of this operator, in logs and status', fallback: 'operator' },
  host: { variable: 'HOST', parse: text, meaning: 'address on which status and metrics listen', fallback: '127.0.0.1' },
  port: { variable: 'OPERATOR_PORT', parse: port, meaning: 'port of status and metrics' },
  members: { variable: 'MYSQL_MEMBERS', parse: parseMembers, meaning: 'all members, NAME=HOST:PORT/ADMIN_PORT, separated by commas' },
  coldStartMs: {
    variable: 'COLD_START_MS', parse: integer({ min: 0, max: 3_600_000 }), fallback: 60_000,
    meaning: 'how long a failover waits, after an outage of all members, for those that may know more than the others, ms',
  },
  logLevel: { variable: 'LOG_LEVEL', parse: oneOf(LOG_LEVELS), meaning: `how much to log: ${LOG_LEVELS.join(', ')}`, fallback: 'info' },
  platform: { variable: 'PLATFORM', parse: oneOf(PLATFORMS), meaning: `where it runs: ${PLATFORMS.join(' or ')}`, fallback: 'local' },
} as const;

const [OPERATOR_PASSWORD, REPLICATION_PASSWORD] = [
  { variable: 'MYSQL_OPERATOR_PASSWORD', parse: text, meaning: 'password of the operator account', secret: true },
  { variable: 'MYSQL_REPLICATION_PASSWORD', parse: text, meaning: 'password of the replication account', secret: true },
] as const;

const LOCAL = {
  ...COMMON,
  operatorPassword: OPERATOR_PASSWORD,
  replicationPassword: REPLICATION_PASSWORD,
  initialisedMark: { variable: 'INITIALISED_MARK', parse: text, meaning: 'path of the file that says that the cluster has had data' },
} as const;

/** The passwords are read from the Secret; those of the environment serve while the API server is away. */
const KUBERNETES = {
  ...COMMON,
  operatorPassword: { ...OPERATOR_PASSWORD, fallback: '' },
  replicationPassword: { ...REPLICATION_PASSWORD, fallback: '' },
  podName: { variable: 'POD_NAME', parse: text, meaning: 'name of this pod (metadata.name)' },
  podUid: { variable: 'POD_UID', parse: text, meaning: 'uid of this pod (metadata.uid)' },
  namespace: { variable: 'POD_NAMESPACE', parse: text, meaning: 'namespace of this pod (metadata.namespace)' },
} as const;

/** The operator's settings on one machine. */
export type LocalConfig = Omit<Config<typeof LOCAL>, 'platform'> & { readonly platform: 'local' };
/** The operator's settings on Kubernetes. */
export type KubernetesConfig = Omit<Config<typeof KUBERNETES>, 'platform'> & { readonly platform: 'kubernetes' };
/** The operator's settings. */
export type OperatorConfig = LocalConfig | KubernetesConfig;

/**
 * Reads all settings.
 * @throws ConfigError that names every wrong one
 */
export function operatorConfig(env: Readonly<Record<string, string | undefined>>): OperatorConfig {
  if (env['PLATFORM'] === 'kubernetes') return { ...readConfig(KUBERNETES, env), platform: 'kubernetes' };
  return { ...readConfig(LOCAL, env), platform: 'local' };
}
