import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import type { RowDataPacket } from 'mysql2/promise';
import type { MemberAddress } from '../../common/members.ts';
import { DATABASE, TABLES, USERS } from '../../common/names.ts';
import { diskProblem, Problem } from '../programs/problem.ts';
import { argvOf } from '../programs/program.ts';
import { findPrograms } from '../programs/programs.ts';
import { CACHE_DIR } from '../stack/environment.ts';
import { membersFrom, pathsIn } from '../stack/layout.ts';
import { readSecrets } from '../stack/secrets.ts';
import type { Secrets } from '../stack/secrets.ts';
import type { StackStatus } from '../stack/status.ts';
import type { Command, Invocation } from './command.ts';
import { EXIT, UsageError } from './command.ts';
import { requireStatus } from './running.ts';

const CONNECT_TIMEOUT_MS = 1000;

/** The epoch that a member serves as a primary for clients; nothing when it is none. */
async function epochServed({ host, port }: MemberAddress, password: string): Promise<number | undefined> {
  const connection = await createConnection({ host, port, user: USERS.migration, password, connectTimeout: CONNECT_TIMEOUT_MS });
  try {
    const sql = `SELECT epoch FROM ${DATABASE}.${TABLES.epoch} WHERE server_uuid = @@server_uuid AND NOT @@global.read_only AND NOT @@global.offline_mode`;
    const [rows] = await connection.query<(RowDataPacket & { readonly epoch: number })[]>(sql);
    return rows[0]?.epoch;
  } finally {
    connection.destroy();
  }
}

/** The member that is the primary: as the operator says, or, when it does not answer, as the members themselves do. */
async function findPrimary({ basePort, operator }: StackStatus, secrets: Secrets): Promise<MemberAddress> {
  const members = membersFrom(basePort);
  const named = members.find(({ name }) => name === operator?.primary);
  if (named !== undefined) return named;
  const epochs = await Promise.all(members.map((member) => epochServed(member, secrets.mysql.migration).catch(() => undefined)));
  const highest = Math.max(...epochs.map((epoch) => epoch ?? 0));
  const found = highest > 0 ? members[epochs.indexOf(highest)] : undefined;
  if (found === undefined) throw new Problem('No member is the primary at the moment: see npm run status, and try again.');
  return found;
}

/** The password's file, mode 0600: on a command line everybody on the machine could read it. */
function optionFile(dataDir: string, secrets: Secrets): string {
  const path = join(dataDir, 'mysql-client.cnf');
  try {
    writeFileSync(path, `[client]\nuser=${USERS.migration}\npassword="${secrets.mysql.migration}"\n`, { mode: 0o600 });
  } catch (error) {
    throw diskProblem(error, 'Writing the settings of the MySQL client', dataDir);
  }
  return path;
}

/**
 * What the client is told. A word alone, such as a member's name, it would take for a database.
 * @throws UsageError
 */
export function clientArguments(args: readonly string[]): readonly string[] {
  const own = args[0] === '--' ? args.slice(1) : args;
  const first = own[0];
  if (first !== undefined && !first.startsWith('-')) {
    throw new UsageError(`npm run mysql leads to the primary, in the database ${DATABASE}, and takes only the client's own options, such as -- -e 'SELECT 1', not ${JSON.stringify(first)}`);
  }
  return own;
}

async function mysql({ dataDir, args }: Invocation): Promise<number> {
  const own = clientArguments(args);
  const status = await requireStatus(dataDir);
  const secrets = readSecrets(pathsIn(dataDir).secrets);
  const { host, port } = await findPrimary(status, secrets);
  const { mysql: client } = await findPrograms({ cacheDir: CACHE_DIR, report: () => {} });
  const connection = [`--defaults-file=${optionFile(dataDir, secrets)}`, `--host=${host}`, `--port=${port}`, '--protocol=TCP', '--get-server-public-key', `--database=${DATABASE}`];
  const [program = '', ...rest] = argvOf(client, [...connection, ...own]);
  return attached(program, rest, client.env);
}

/** Runs a program on this terminal and ends as it does. Ctrl-C is the program's, not ours. */
function attached(program: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<number> {
  process.on('SIGINT', () => undefined);
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit', env: { ...process.env, ...env } });
    child.once('error', (error) => reject(new Problem(`Starting the MySQL client failed: ${error.message}.`, { cause: error })));
    child.once('exit', (code) => resolve(code ?? EXIT.failed));
  });
}

/** `npm run mysql`. */
export const mysqlCommand: Command = { usage: '[-- ARGUMENTS]', summary: 'a MySQL client on the current primary', run: mysql };
