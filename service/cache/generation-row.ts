/**
 * Which Redis state may be used: one data set in one process, under one turn-on.
 */
export interface CacheTarget {
  /**
   * `master_replid` of the Redis master: names the history of its data set. Redis makes a new one at each start and at
   * each promotion, so a process that comes back as master with another's older state does not pass for itself.
   */
  readonly replicationId: string;
  /** Made for each turn-on and kept in Redis beside the version: a flushed or evicted state does not have it. */
  readonly nonce: string;
}

/** The one row of `cache_generation`. Only `generation + 1` ever follows a generation. */
export interface GenerationRow {
  readonly generation: number;
  /** Undefined: off, no one may use cached pages. On and off take turns: between two targets there is always an off. */
  readonly target: CacheTarget | undefined;
  /** Name of the Koa that turned it off, or on; empty at first. */
  readonly owner: string;
  /** Grows while the owner, who turned it off, still cannot reach Redis. */
  readonly renewals: number;
}

/** Text of the column for "nobody may use cached pages". */
export const OFF = 'off';

/** The column's text: `REPLICATION_ID:NONCE`, or `off`. */
export const formatTarget = (target: CacheTarget | undefined): string => (target === undefined ? OFF : `${target.replicationId}:${target.nonce}`);

/** Reads the column's text. A text that nobody can have written is a target that no Redis matches, and gets turned off. */
export function parseTarget(text: string): CacheTarget | undefined {
  if (text === OFF) return undefined;
  const [replicationId = '', nonce = ''] = text.split(':');
  return { replicationId, nonce };
}

/** True when both name the same state, or both none. */
export const sameTarget = (a: CacheTarget | undefined, b: CacheTarget | undefined): boolean => formatTarget(a) === formatTarget(b);
