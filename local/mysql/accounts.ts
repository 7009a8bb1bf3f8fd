import { DATABASE, USERS } from '../../common/names.ts';

/** An account of {@link USERS} by its purpose, or root. */
export type Account = keyof typeof USERS | 'root';

/** One password per account. */
export type Passwords = Readonly<Record<Account, string>>;

const GRANTS: Readonly<Record<keyof typeof USERS, readonly string[]>> = {
  operator: [
    `${[
      'SYSTEM_VARIABLES_ADMIN', 'SESSION_VARIABLES_ADMIN', 'PERSIST_RO_VARIABLES_ADMIN', 'REPLICATION_SLAVE_ADMIN', 'REPLICATION_APPLIER',
      'CONNECTION_ADMIN', 'SERVICE_CONNECTION_ADMIN', 'CLONE_ADMIN', 'BACKUP_ADMIN', 'REPLICATION CLIENT', 'REPLICATION SLAVE', 'SHUTDOWN', 'RELOAD', 'PROCESS',
    ].join(', ')} ON *.*`,
    `ALL ON ${DATABASE}.*`,
    'SELECT ON performance_schema.*',
    'SELECT ON mysql.*',
    'EXECUTE ON sys.*',
  ],
  replication: ['REPLICATION SLAVE, CONNECTION_ADMIN, BACKUP_ADMIN ON *.*'],
  service: [
    'REPLICATION CLIENT ON *.*',
    `SELECT, INSERT, UPDATE, DELETE, EXECUTE ON ${DATABASE}.*`,
    ...['connection_status', 'connection_configuration', 'applier_status', 'applier_status_by_coordinator', 'applier_status_by_worker'].map(
      (table) => `SELECT ON performance_schema.replication_${table}`,
    ),
  ],
  migration: [`ALL ON ${DATABASE}.*`],
  supervisor: [
    'SYSTEM_VARIABLES_ADMIN, CONNECTION_ADMIN, SERVICE_CONNECTION_ADMIN, PROCESS, REPLICATION CLIENT ON *.*',
    // What a pod's readiness is measured by.
    ...['connection_status', 'applier_status', 'applier_status_by_worker'].map((table) => `SELECT ON performance_schema.replication_${table}`),
  ],
};

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;

/**
 * Statements that make all accounts, one per line, for mysqld's `--init-file` while it initialises a data folder: the
 * binlog is off then, so that a new member has no transaction of its own.
 */
export function accountStatements(passwords: Passwords): string {
  const users = Object.entries(USERS) as readonly [keyof typeof USERS, string][];
  const lines = users.flatMap(([account, user]) => [
    `CREATE USER ${quoted(user)}@'%' IDENTIFIED BY ${quoted(passwords[account])};`,
    ...GRANTS[account].map((grant) => `GRANT ${grant} TO ${quoted(user)}@'%';`),
  ]);
  return [`ALTER USER 'root'@'localhost' IDENTIFIED BY ${quoted(passwords.root)};`, ...lines, ''].join('\n');
}
