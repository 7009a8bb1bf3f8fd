import { GtidBag } from './gtids.ts';
import type { Row, Transaction } from './transaction.ts';

/** What a channel follows. */
export interface Source {
  readonly host: string;
  readonly port: number;
  readonly autoPosition: boolean;
}

/** What a member has on its disk: it survives kill -9. */
export interface Disk {
  uuid: string;
  /** The binlogs since the data folder was made or replaced; the first `purgedUntil` of them are gone. */
  log: Transaction[];
  purgedUntil: number;
  readonly purged: GtidBag;
  /** The number of the newest binlog: each start of mysqld begins one. */
  binlog: number;
  /** What came with a CLONE. */
  base: readonly Transaction[];
  /** Everything that is committed. */
  readonly executed: GtidBag;
  readonly content: Set<Transaction>;
  readonly keys: Set<string>;
  row: Row | undefined;
  hasTable: boolean;
  /** Received and not yet applied. */
  relay: Transaction[];
  readonly received: GtidBag;
  source: Source | undefined;
  /** The applier cannot apply anything more. */
  isBroken: boolean;
  promise: { readonly host: string; readonly user: string } | undefined;
}

/** As it is made for a member's first start. */
export function emptyDisk(uuid: string): Disk {
  return {
    uuid, log: [], purgedUntil: 0, purged: new GtidBag(), binlog: 0, base: [], executed: new GtidBag(), content: new Set(), keys: new Set(), row: undefined, hasTable: false,
    relay: [], received: new GtidBag(), source: undefined, promise: undefined, isBroken: false,
  };
}

/** What CLONE makes of it: everything that is committed on the donor, its channels' settings, an empty first binlog, no relay log. */
export function clonedDisk(donor: Disk, uuid: string): Disk {
  const content = new Set(donor.content);
  return { ...emptyDisk(uuid), purged: donor.executed.copy(), binlog: 1, base: [...content], executed: donor.executed.copy(), content, keys: new Set(donor.keys), row: donor.row, hasTable: donor.hasTable, source: donor.source, promise: donor.promise };
}

/** Makes a transaction part of the data. */
export function commitTo(disk: Disk, transaction: Transaction): void {
  disk.executed.add(transaction);
  disk.content.add(transaction);
  if (transaction.key !== undefined) disk.keys.add(transaction.key);
  if (transaction.row !== undefined) disk.row = transaction.row;
  if (transaction.kind === 'schema') disk.hasTable = true;
}

/** What mysqld does at its start: everything that is in the binlog is committed, acknowledged or not. */
export function recover(disk: Disk): void {
  for (const transaction of disk.log) if (!disk.content.has(transaction)) commitTo(disk, transaction);
}
