import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Program } from './program.ts';
import { run, RunError } from './run.ts';
import { isNewEnough, versionOf } from './version.ts';
import type { Product } from './version.ts';

/** Where servers live that the PATH of an ordinary user often lacks. */
const SERVER_FOLDERS = ['/usr/local/sbin', '/usr/sbin'];

/** AppArmor keeps a packaged mysqld to `/var/lib/mysql`, so that it could not open a data folder of ours. */
const CONFINED: Readonly<Record<string, string>> = { mysqld: '/etc/apparmor.d/usr.sbin.mysqld' };

function onPath(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...SERVER_FOLDERS].filter((folder) => folder.startsWith('/'));
  return folders.map((folder) => join(folder, name)).find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function confined(name: string): boolean {
  const profile = CONFINED[name];
  return profile !== undefined && existsSync(profile) && existsSync('/sys/kernel/security/apparmor');
}

/**
 * Asks a program for its version.
 * @returns undefined when it cannot run or is another product
 */
export async function askVersion(product: Product, program: Program, signal: AbortSignal | undefined): Promise<string | undefined> {
  const argv = [...program.command, product === 'nginx' || product === 'wrk' ? '-v' : '--version'];
  try {
    const { stdout, stderr } = await run(argv, { env: program.env, ...(signal === undefined ? {} : { signal }) });
    return versionOf(product, stdout + stderr);
  } catch (error) {
    // wrk says its version, and ends with 1.
    return product === 'wrk' && error instanceof RunError ? versionOf(product, error.output) : undefined;
  }
}

/**
 * The programs of a product from PATH.
 * @param names all that must be there
 * @returns undefined when one is missing, too old, confined or another product: then none of them is used
 */
export async function programsOnPath(product: Product, names: readonly string[], signal: AbortSignal | undefined): Promise<Record<string, Program> | undefined> {
  const found: Record<string, Program> = {};
  for (const name of names) {
    const file = onPath(name);
    if (file === undefined || confined(name)) return undefined;
    const program: Program = { version: '', command: [file], extraArgs: [], env: {} };
    const version = await askVersion(product, program, signal);
    if (version === undefined || !isNewEnough(product, version)) return undefined;
    found[name] = { ...program, version };
  }
  return found;
}
