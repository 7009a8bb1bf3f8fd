import { constants, cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { accountStatements } from '../mysql/accounts.ts';
import type { Passwords } from '../mysql/accounts.ts';
import { memberFolder } from '../mysql/folder.ts';
import type { MemberFolder } from '../mysql/folder.ts';
import { initialiseMember } from '../mysql/initialise.ts';
import type { Program } from '../programs/program.ts';

/** The passwords of members in tests. They are fixed, so that one initialised data folder serves all tests. */
export const TEST_PASSWORDS: Passwords = {
  root: 'test-root',
  operator: 'test-operator',
  replication: 'test-replication',
  service: 'test-service',
  migration: 'test-migration',
  supervisor: 'test-supervisor',
};

/**
 * Copies an initialised data folder, which is made at the first call for a MySQL version and its accounts.
 * @param cacheDir where the original is kept
 * @param folder gets the copy, with an identity of its own once it is started
 */
export async function copyTemplate(cacheDir: string, mysqld: Program, folder: MemberFolder): Promise<void> {
  const original = await template(cacheDir, mysqld);
  mkdirSync(folder.root, { recursive: true });
  cpSync(original, folder.data, { recursive: true, mode: constants.COPYFILE_FICLONE });
  rmSync(join(folder.data, 'auto.cnf'), { force: true });
}

async function template(cacheDir: string, mysqld: Program): Promise<string> {
  const key = createHash('sha256').update(accountStatements(TEST_PASSWORDS)).digest('hex').slice(0, 12);
  const place = join(cacheDir, 'templates', `mysql-${mysqld.version}-${key}`);
  if (existsSync(place)) return place;
  mkdirSync(join(cacheDir, 'templates'), { recursive: true });
  const partial = memberFolder(mkdtempSync(join(cacheDir, 'templates', 'partial-')));
  try {
    await initialiseMember({ mysqld, folder: partial, passwords: TEST_PASSWORDS });
    renameSync(partial.data, place);
  } catch (error) {
    if (!existsSync(place)) throw error;
  } finally {
    rmSync(partial.root, { recursive: true, force: true });
  }
  return place;
}
