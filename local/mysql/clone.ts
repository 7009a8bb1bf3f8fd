import { existsSync } from 'node:fs';
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
