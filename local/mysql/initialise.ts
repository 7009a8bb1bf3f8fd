import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { diskProblem, Problem, saysDiskFull } from '../programs/problem.ts';
import { argvOf } from '../programs/program.ts';
import type { Program } from '../programs/program.ts';
import { run, RunError } from '../programs/run.ts';
import { accountStatements } from './accounts.ts';
import type { Passwords } from './accounts.ts';
import { keepBinlogs } from './binlogs.ts';
import { cloneBrokeOff, firstStartBrokeOff } from './clone.ts';
import type { MemberFolder } from './folder.ts';
import { serverUuid } from './identity.ts';

/** What {@link initialiseMember} needs. */
export interface Initialisation {
  readonly mysqld: Program;
  readonly folder: MemberFolder;
  readonly passwords: Passwords;
  readonly signal?: AbortSignal;
}

/**
 * Makes a member's data folder with all accounts and no transaction; does nothing when it is there. It is made beside
 * its place and renamed, so that what broke off half-way is never started. Takes about 2 s. To be called before each
 * start: data that a CLONE was replacing when mysqld was killed is put aside and replaced by an empty folder; so is a
 * copy whose first start did not end in order, but that is not kept, since a second copy would not fit beside it.
 * @returns how long it took, ms; undefined when there was nothing to do
 * @throws Problem when the folder holds data of another MySQL series, cannot be written, or the disk is full
 */
export async function initialiseMember({ mysqld, folder, passwords, signal }: Initialisation): Promise<number | undefined> {
  const partial = join(folder.root, 'partial');
  putAsideBrokenOff(folder, partial);
  if (existsSync(folder.data)) {
    checkVersion(folder, mysqld.version);
    return undefined;
  }
  const started = performance.now();
  const statements = join(folder.root, 'accounts.sql');
  try {
    mkdirSync(folder.root, { recursive: true, mode: 0o700 });
    rmSync(partial, { recursive: true, force: true });
    writeFileSync(statements, accountStatements(passwords), { mode: 0o600 });
    const user = process.getuid?.() === 0 ? ['--user=root'] : [];
    const options = ['--auto-generate-certs=OFF', '--mysqlx=OFF', '--secure-file-priv=NULL', '--innodb-redo-log-capacity=64M', '--innodb-use-native-aio=OFF'];
    const args = ['--no-defaults', ...user, '--initialize-insecure', `--datadir=${partial}`, `--init-file=${statements}`, ...options];
    const { stderr } = await run(argvOf(mysqld, args), { env: mysqld.env, ...(signal === undefined ? {} : { signal }) });
    if (/\[ERROR\]/.test(stderr)) throw new RunError(`Initialising ${folder.data} failed: ${stderr}`, stderr);
    renameSync(partial, folder.data);
  } catch (error) {
    if (error instanceof RunError && saysDiskFull(error.output)) throw new Problem(`Initialising ${folder.data} failed: the disk is full. Free 1 GB and start again.`, { cause: error });
    throw diskProblem(error, 'Initialising a MySQL member', folder.root);
  } finally {
    rmSync(statements, { force: true });
    rmSync(partial, { recursive: true, force: true });
  }
  return performance.now() - started;
}

/**
 * Its binlogs are linked first: the last ones, too, are whole once mysqld has ended.
 * @param partial where a copy goes: removed by whoever initialises next, also when this process is killed before
 */
function putAsideBrokenOff(folder: MemberFolder, partial: string): void {
  const isCopy = firstStartBrokeOff(folder);
  if (!isCopy && !cloneBrokeOff(folder)) return;
  const aside = isCopy ? partial : folder.brokenOff;
  try {
    keepBinlogs(folder, serverUuid(folder) ?? 'unknown', Date.now());
    rmSync(aside, { recursive: true, force: true });
    renameSync(folder.data, aside);
  } catch (error) {
    throw diskProblem(error, 'Putting aside what a broken-off CLONE left', folder.root);
  }
}

/**
 * Refuses data of another release series (8.4, 9.7): MySQL would upgrade it with no way back, or not start at all.
 * @throws Problem
 */
export function checkVersion(folder: MemberFolder, version: string): void {
  const found = dataVersion(folder);
  if (found === undefined || series(found) === series(version)) return;
  throw new Problem(
    `${folder.data} holds data of MySQL ${found}, but the MySQL found here is ${version}. Put MySQL ${series(found)} on PATH, choose another folder with --data, or throw the data away with npm run reset.`,
  );
}

const series = (version: string): string => version.split('.').slice(0, 2).join('.');

/** The version that last started on this data, from the history that mysqld keeps of it. */
function dataVersion({ data }: MemberFolder): string | undefined {
  const name = readdirSync(data).find((file) => file === 'mysql_upgrade_history');
  if (name === undefined) return undefined;
  const { upgrade_history: history = [] } = JSON.parse(readFileSync(join(data, name), 'utf8')) as { readonly upgrade_history?: readonly { readonly version: string }[] };
  return history.at(-1)?.version;
}
