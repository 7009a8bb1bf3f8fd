import { existsSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Program } from './program.ts';
import { run } from './run.ts';

/**
 * Unpacks Debian packages into a folder without installing them.
 * @throws RunError when one is broken or the disk is full
 */
export async function unpack(packages: readonly string[], folder: string, signal: AbortSignal | undefined): Promise<void> {
  for (const file of packages) await run(['dpkg', '-x', file, folder], signal === undefined ? {} : { signal });
}

/**
 * How to start a program from a folder of unpacked packages: through the loader of its own release and with its own
 * libraries, so that the machine's release does not matter.
 * @param root folder with `usr` in it
 * @param name such as `mysqld`
 * @param version what its package says
 * @returns undefined when the folder lacks the program or its loader
 */
export function unpackedProgram(root: string, name: string, version: string): Program | undefined {
  const file = ['usr/sbin', 'usr/bin'].map((folder) => join(root, folder, name)).find((path) => existsSync(path));
  const libraries = ['lib', 'usr/lib'].flatMap((folder) => tripletFolders(join(root, folder)));
  const loader = libraries.flatMap(loaders)[0];
  if (file === undefined || loader === undefined) return undefined;
  return { version, command: [loader, '--library-path', libraries.join(':'), '--argv0', file, file], extraArgs: ownPaths(root, name), env: {} };
}

const entries = (folder: string): readonly string[] => (existsSync(folder) ? readdirSync(folder) : []);

/** Such as `lib/x86_64-linux-gnu`; a merged `lib` is a link to `usr/lib` and is passed over. */
const tripletFolders = (folder: string): readonly string[] =>
  lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() === true
    ? entries(folder).filter((name) => name.includes('-linux-gnu')).map((name) => join(folder, name))
    : [];

const loaders = (folder: string): readonly string[] =>
  entries(folder).filter((name) => /^ld-linux[\w-]*\.so\.\d+$/.test(name)).map((name) => join(folder, name));

/** The paths that are compiled in and are not where the package was unpacked. */
function ownPaths(root: string, name: string): readonly string[] {
  const share = join(root, 'usr/share/mysql');
  if (name === 'mysqld') return [`--lc-messages-dir=${share}`, `--character-sets-dir=${share}/charsets`, `--plugin-dir=${join(root, 'usr/lib/mysql/plugin')}`];
  return name.startsWith('mysql') ? [`--character-sets-dir=${share}/charsets`] : [];
}
