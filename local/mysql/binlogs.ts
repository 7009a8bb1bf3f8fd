import { existsSync, linkSync, mkdirSync, readdirSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { diskProblem } from '../programs/problem.ts';
import type { MemberFolder } from './folder.ts';
import { BINLOG, keptHistory } from './identity.ts';

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
 * be read. To be called before each start of mysqld: its last binlog is whole then.
 * @param uuid under which the member is going to start
 * @param now Unix time, ms
 */
export function keepBinlogs(folder: MemberFolder, uuid: string, now: number): KeptBinlogs {
  try {
    return { linked: linkNew(folder, keptHistory(folder, uuid)), ...removeOld(folder, now) };
  } catch (error) {
    throw diskProblem(error, 'Keeping the binlogs', folder.binlogsKept);
  }
}

function linkNew(folder: MemberFolder, kept: string): number {
  mkdirSync(kept, { recursive: true, mode: 0o700 });
  const names = readdirSync(folder.data).filter((name) => BINLOG.test(name) && !existsSync(join(kept, name)));
  for (const name of names) linkSync(join(folder.data, name), join(kept, name));
  return names.length;
}

/** The time counts from the last change of the inode, which is when mysqld removed its own name for the file. */
function removeOld(folder: MemberFolder, now: number): Omit<KeptBinlogs, 'linked'> {
  let [removed, files, bytes] = [0, 0, 0];
  const histories = readdirSync(folder.binlogsKept).map((name) => join(folder.binlogsKept, name));
  for (const path of histories.flatMap((history) => readdirSync(history).map((name) => join(history, name)))) {
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
  for (const history of histories.filter((history) => readdirSync(history).length === 0)) rmdirSync(history);
  return { removed, files, bytes };
}
