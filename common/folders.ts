import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

/**
 * Makes a folder, with those above it, unless it is there. `mkdirSync` with `recursive` does not do: where a file system answers ENOENT
 * to a new name in a folder that is there, as /proc does, it tries again for ever, and no signal ends it.
 * @param mode of those that are made
 * @throws the file system's error; ENOTDIR when a file has the name
 */
export function makeFolder(path: string, mode = 0o777): void {
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    const above = dirname(path);
    if (codeOf(error) === 'ENOENT' && !isThere(above)) {
      makeFolder(above, mode);
      mkdirSync(path, { mode });
      return;
    }
    if (codeOf(error) !== 'EEXIST') throw error;
    if (!statSync(path).isDirectory()) throw Object.assign(new Error(`ENOTDIR: not a directory, mkdir '${path}'`, { cause: error }), { code: 'ENOTDIR' });
  }
}
