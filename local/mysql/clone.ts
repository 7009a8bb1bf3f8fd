import { closeSync, existsSync, fsyncSync, openSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MemberFolder } from './folder.ts';

const marked = (folder: MemberFolder, mark: string): boolean => existsSync(join(folder.data, '#clone', mark));

/** Whether a CLONE has ended well and mysqld has not started since: it puts the new files in place then. */
export const cloneIsWhole = (folder: MemberFolder): boolean => marked(folder, '#status_fix');

/**
 * Whether mysqld was killed while a CLONE replaced its data. The mark is there from before the old data is removed until
 * the statement ends, well or not (seen on MySQL 9.7.4). What is left then may claim transactions whose rows are gone, or
 * lack a binlog that its index names, so that mysqld never starts again: it is of no use but to a person.
 */
export const cloneBrokeOff = (folder: MemberFolder): boolean => marked(folder, '#status_error') && !cloneIsWhole(folder);

/** Relay logs and their indexes, of whatever channel. */
const RELAY_LOG = /^relay(-[^.]*)?\.(\d+|index)$/;

/** The pid file of the first start after a CLONE. */
const mark = (folder: MemberFolder): string => join(folder.data, 'first-start.pid');

/**
 * Whether the first start after a CLONE did not end in order. From what is left mysqld may never start again (9.7.4:
 * trx0purge.cc:180 at each start); and only that start, by MySQL's source, corrects what the donor's tables say of relay
 * logs. It is a copy and nothing else: nobody could reach the member, so it has acknowledged nothing since its data was allowed to go.
 */
export const firstStartBrokeOff = (folder: MemberFolder): boolean => existsSync(mark(folder));

/**
 * Makes the first start after a CLONE one that nobody can reach and that ends by itself, with the code that asks for
 * another. Its pid file is made here, and removed by mysqld as its last act, once all is on the disk. A CLONE leaves the
 * relay logs of the data that it replaced, and from the second start on mysqld would say that it has received what is in
 * them (9.7.4), which may be what the donor never had: they go before.
 * @returns what mysqld must be told beside the rest
 */
export function firstStart(folder: MemberFolder): readonly string[] {
  for (const name of readdirSync(folder.data).filter((one) => RELAY_LOG.test(one))) rmSync(join(folder.data, name));
  const statements = join(folder.root, 'first-start.sql');
  writeFileSync(statements, 'RESTART;\n', { mode: 0o600 });
  writeFileSync(mark(folder), '');
  return ['--skip-networking', `--init-file=${statements}`, `--pid-file=${mark(folder)}`];
}

/** Sees to it that the mark of {@link firstStart} is on the disk, or gone from it: after a power cut, too, it must tell the truth. */
export function settleMark({ data }: MemberFolder): void {
  const folder = openSync(data, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
