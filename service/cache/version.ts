import type { Version } from '../ports.ts';

/** Before every write. */
export const LOWEST: Version = { epoch: 0, serverUuid: '', n: 0 };

/** A version's part that orders it. */
export type Position = Pick<Version, 'epoch' | 'n'>;

/**
 * Orders versions by epoch, then by GTID number; the server UUID takes no part, an epoch has one.
 * @returns negative when a is older, 0 when equal, positive when a is newer
 */
export const compareVersions = (a: Position, b: Position): number => a.epoch - b.epoch || a.n - b.n;

/** The GTID of the version's write, as `WAIT_FOR_EXECUTED_GTID_SET` takes it. */
export const gtidOf = ({ serverUuid, n }: Version): string => `${serverUuid}:${n}`;

/** N of a GTID `UUID:N`; NaN where there is none. */
export const numberOf = (gtid: string | undefined): number => Number(gtid?.split(':').at(-1));

/**
 * The highest number that one server has in a GTID set.
 * @param set as MySQL writes it: `uuid:1-5:7,\nuuid:1-3:tag:1-2`; tagged numbers count on their own and are left out
 * @returns 0 when the server has none
 */
export function highestNumber(set: string, serverUuid: string): number {
  const entry = set.split(',').map((part) => part.trim()).find((part) => part.toLowerCase().startsWith(`${serverUuid.toLowerCase()}:`));
  if (entry === undefined) return 0;
  const [, ...parts] = entry.split(':');
  const firstTag = parts.findIndex((part) => !/^\d/.test(part));
  const intervals = firstTag === -1 ? parts : parts.slice(0, firstTag);
  return Math.max(0, ...intervals.map((interval) => Number(interval.slice(interval.indexOf('-') + 1))));
}
