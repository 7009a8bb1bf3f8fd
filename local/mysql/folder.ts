import { join } from 'node:path';

/** Where a member keeps its things. */
export interface MemberFolder {
  /** Such as `.data/mysql-0`. */
  readonly root: string;
  readonly data: string;
  /** Hard links of its binlogs, which no re-seed touches. */
  readonly binlogsKept: string;
  /** What a CLONE left that mysqld did not survive; until the next whole one. */
  readonly brokenOff: string;
  readonly settings: string;
  readonly socket: string;
}

/** The paths of a member whose folder is given as an absolute path. */
export const memberFolder = (root: string): MemberFolder => ({
  root,
  data: join(root, 'data'),
  binlogsKept: join(root, 'binlogs-kept'),
  brokenOff: join(root, 'data-broken-off'),
  settings: join(root, 'my.cnf'),
  socket: join(root, 'mysqld.sock'),
});
