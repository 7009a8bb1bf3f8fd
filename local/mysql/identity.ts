import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cloneIsWhole } from './clone.ts';
import type { MemberFolder } from './folder.ts';

/** Names of mysqld's binlogs; the number grows with each file and starts again when the history is reset. */
export const BINLOG = /^binlog\.(\d+)$/;

/**
 * Where the hard links of one history of a member are.
 * @param uuid the `server_uuid` under which it was written
 */
export const keptHistory = (folder: MemberFolder, uuid: string): string => join(folder.binlogsKept, uuid);

/** A member's `server_uuid`; undefined before it has one. */
export function serverUuid(folder: MemberFolder): string | undefined {
  const file = join(folder.data, 'auto.cnf');
  return existsSync(file) ? /^server-uuid=(\S+)$/m.exec(readFileSync(file, 'utf8'))?.[1] : undefined;
}

/**
 * Gives a member a new `server_uuid` when its data was replaced or removed since its last start, or when it has none.
 * CLONE keeps the old one, under which a promoted member would give the GTIDs of its discarded transactions to other ones.
 * A new one is always safe: a member is known by its name. May be called again after having been killed at any moment.
 * @returns whether the data was replaced or removed
 */
export function renewIdentity(folder: MemberFolder): boolean {
  const uuid = serverUuid(folder);
  if (uuid !== undefined && !cloneIsWhole(folder) && !historyRestarted(folder, uuid)) return false;
  const file = join(folder.data, 'auto.cnf');
  writeFileSync(`${file}.new`, `[auto]\nserver-uuid=${randomUUID()}\n`);
  renameSync(`${file}.new`, file);
  return uuid !== undefined;
}

/**
 * A CLONE that failed without mysqld being killed leaves no mark, but its first act shows: the binlogs that were linked
 * under this identity are gone and others have their names or lower numbers.
 */
function historyRestarted(folder: MemberFolder, uuid: string): boolean {
  const kept = keptHistory(folder, uuid);
  if (!existsSync(kept)) return false;
  const now = new Map(readdirSync(folder.data).filter((name) => BINLOG.test(name)).map((name) => [name, statSync(join(folder.data, name)).ino]));
  const before = readdirSync(kept);
  const replaced = before.some((name) => now.has(name) && now.get(name) !== statSync(join(kept, name)).ino);
  return replaced || last(before) > last([...now.keys()]);
}

const last = (names: readonly string[]): number => Math.max(0, ...names.map((name) => Number(BINLOG.exec(name)?.[1] ?? 0)));
