import { constants, existsSync, mkdirSync, rmSync } from 'node:fs';
import { cp, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { memberFolder } from '../mysql/folder.ts';
import type { MemberFolder } from '../mysql/folder.ts';
import { initialiseMember } from '../mysql/initialise.ts';
import type { Passwords } from '../mysql/accounts.ts';
import { diskProblem } from '../programs/problem.ts';
import type { Program } from '../programs/program.ts';
import type { Progress } from '../view/progress.ts';
import { numbered, pathsIn } from './layout.ts';

/** What {@link initialiseMembers} needs. */
export interface FirstData {
  /** Absolute path. */
  readonly dataDir: string;
  readonly mysqld: Program;
  readonly passwords: Passwords;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** What identifies one server: mysqld makes it anew. */
const IDENTITY = 'auto.cnf';

/**
 * Gives every member that has none a data folder with all accounts and no transaction. When none has one, the first is
 * made and copied, which is quicker than making all; a copy is only ever taken of data that no server has run on.
 * @throws Problem when a folder holds data of another MySQL, cannot be written, or the disk is full
 */
export async function initialiseMembers({ dataDir, mysqld, passwords, progress, signal }: FirstData): Promise<void> {
  const members = numbered('mysql').map(({ name }) => ({ name, folder: memberFolder(pathsIn(dataDir).process(name)) }));
  const missing = members.filter(({ folder }) => !existsSync(folder.data));
  if (missing.length > 0) progress.busy('data', `initialising ${missing.map(({ name }) => name).join(', ')}`);
  const [first, ...others] = members;
  if (first !== undefined && missing.length === members.length) {
    await initialiseMember({ mysqld, folder: first.folder, passwords, signal });
    for (const { name, folder } of others) {
      progress.busy('data', `copying ${first.name} to ${name}`);
      signal.throwIfAborted();
      await copyData(first.folder, folder);
    }
  }
  await Promise.all(members.map(({ folder }) => initialiseMember({ mysqld, folder, passwords, signal })));
  progress.done('data', missing.length === 0 ? `${dataDir}, as it was` : `${dataDir}, ${missing.length} of ${members.length} members initialised`);
}

/** Copies beside the place and renames, so that half a copy is never started. */
async function copyData(from: MemberFolder, to: MemberFolder): Promise<void> {
  const partial = join(to.root, 'partial');
  try {
    mkdirSync(to.root, { recursive: true, mode: 0o700 });
    rmSync(partial, { recursive: true, force: true });
    await cp(from.data, partial, { recursive: true, mode: constants.COPYFILE_FICLONE, filter: (path) => path !== join(from.data, IDENTITY) });
    await rename(partial, to.data);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    throw diskProblem(error, 'Copying the data of a first member', to.root);
  }
}
