import { integer, oneOf, port, readConfig, text } from '../common/config.ts';
import type { Config } from '../common/config.ts';
import { parseMembers } from '../common/members.ts';

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

const SETTINGS = {
  name: { variable: 'NAME', parse: text, meaning: 'name of this operator, in logs and status', fallback: 'operator' },
  host: { variable: 'HOST', parse: text, meaning: 'address on which status and metrics listen', fallback: '127.0.0.1' },
  port: { variable: 'OPERATOR_PORT', parse: port, meaning: 'port of status and metrics' },
  members: { variable: 'MYSQL_MEMBERS', parse: parseMembers, meaning: 'all members, NAME=HOST:PORT/ADMIN_PORT, separated by commas' },
  operatorPassword: { variable: 'MYSQL_OPERATOR_PASSWORD', parse: text, meaning: 'password of the operator account', secret: true },
  replicationPassword: { variable: 'MYSQL_REPLICATION_PASSWORD', parse: text, meaning: 'password of the replication account', secret: true },
  initialisedMark: { variable: 'INITIALISED_MARK', parse: text, meaning: 'path of the file that says that the cluster has had data' },
  coldStartMs: {
    variable: 'COLD_START_MS', parse: integer({ min: 0, max: 3_600_000 }), fallback: 60_000,
    meaning: 'how long a failover waits, after an outage of all members, for those that may know more than the others, ms',
  },
  logLevel: { variable: 'LOG_LEVEL', parse: oneOf(LOG_LEVELS), meaning: `how much to log: ${LOG_LEVELS.join(', ')}`, fallback: 'info' },
} as const;

/** The operator's settings. */
export type OperatorConfig = Config<typeof SETTINGS>;

/**
 * Reads all settings.
 * @throws ConfigError that names every wrong one
 */
export const operatorConfig = (env: Readonly<Record<string, string | undefined>>): OperatorConfig => readConfig(SETTINGS, env);
