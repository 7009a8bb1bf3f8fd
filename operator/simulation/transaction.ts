/** The value of the one row of `holdfast.epoch`. */
export interface Row {
  readonly epoch: number;
  readonly member: string;
  readonly serverUuid: string;
}

/** One transaction. Two that share a GTID are still two. */
export interface Transaction {
  readonly uuid: string;
  readonly number: number;
  /** `mark` changes nothing and is there to be acknowledged. */
  readonly kind: 'write' | 'mark' | 'epoch' | 'schema';
  /** What a retry of the same write is known by. */
  readonly key: string | undefined;
  readonly row: Row | undefined;
  /** Bits of the members that have it on disk: in the binlog, the data or the relay log. */
  holders: number;
  /** Somebody was told of it, or has read it: it must never be gone. */
  kept: boolean;
  /** When a member last lost it with its disk, simulated ms; undefined when none did. */
  lostAt?: number;
}

/** For histories: `0:17 w1-4`, with the number of the server that it came from. */
export const describe = ({ uuid, number, kind, key, row }: Transaction): string => `${shortUuid(uuid)}:${number} (${row === undefined ? (key ?? kind) : `epoch ${row.epoch}`})`;

/** The part of a simulated server_uuid that tells it apart: member and generation. */
export const shortUuid = (uuid: string): string => `${Number(uuid.slice(0, 8))}.${Number(uuid.slice(-12))}`;

/** server_uuid of the so-manieth data folder of a member. */
export const uuidOf = (member: number, generation: number): string => `${String(member).padStart(8, '0')}-0000-0000-0000-${String(generation).padStart(12, '0')}`;

/** How many members have it. */
export function copies({ holders }: Transaction): number {
  let count = 0;
  for (let left = holders; left > 0; left >>= 1) count += left & 1;
  return count;
}
