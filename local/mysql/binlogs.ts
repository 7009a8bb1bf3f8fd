import { linkSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { diskProblem } from '../programs/problem.ts';
import type { MemberFolder } from './folder.ts';

/** What {@link keepBinlogs} did and what there is now. */
export interface KeptBinlogs {
  readonly linked: number;
  readonly removed: number;
  /** Files that only the links keep; the others cost nothing. */
  readonly files: number;
  /** Their size. */
  readonly bytes: number;
}

/** How long a binlog is kept after mysqld has dropped it. */
export const KEEP_BINLOGS_MS = 7 * 24 * 3600 * 1000;

/**
 * Hard-links every binlog out of the data folder, where a re-seed would delete it: an errant transaction can then still
 * be read. To be called before each start of mysqld: its last binlog is whole then, and grows under its link otherwise.
 * A file is known by its inode, so that none is linked twice and a name that is used again replaces nothing.
 * @param now Unix time, ms
 */
export function keepBinlogs(folder: MemberFolder, now: number): KeptBinlogs {
  try {
    mkdirSync(folder.binlogsKept, { recursive: true, mode: 0o700 });
    const linked = linkNew(folder);
    return { linked, ...removeOld(folder, now) };
  } catch (error) {
    throw diskProblem(error, 'Keeping the binlogs', folder.binlogsKept);
  }
}

function linkNew(folder: MemberFolder): number {
  const known = new Set(readdirSync(folder.binlogsKept));
  const names = readdirSync(folder.data).filter((name) => /^binlog\.\d+$/.test(name));
  const wanted = names.map((name) => ({ name, kept: `${name}.inode-${statSync(join(folder.data, name)).ino}` })).filter(({ kept }) => !known.has(kept));
  for (const { name, kept } of wanted) linkSync(join(folder.data, name), join(folder.binlogsKept, kept));
  return wanted.length;
}

/** The time counts from the last change of the inode, which is when mysqld removed its own name for the file. */
function removeOld(folder: MemberFolder, now: number): Omit<KeptBinlogs, 'linked'> {
  let [removed, files, bytes] = [0, 0, 0];
  for (const name of readdirSync(folder.binlogsKept)) {
    const path = join(folder.binlogsKept, name);
    const { nlink, ctimeMs, size } = statSync(path);
    if (nlink > 1) continue;
    if (now - ctimeMs > KEEP_BINLOGS_MS) {
      rmSync(path);
      removed += 1;
    } else {
      files += 1;
      bytes += size;
    }
  }
  return { removed, files, bytes };
}
