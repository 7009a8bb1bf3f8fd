import { setTimeout } from 'node:timers/promises';
import type { Logger } from 'pino';
import { numberOf } from '../cache/version.ts';
import type { Cache, Topology } from '../ports.ts';

/** How old keys go. */
export interface PurgePace {
  /** Hours for which a key is kept: so long a client may repeat a request. */
  readonly keepHours: number;
  /** Rows per transaction: few, so that no writer notices. */
  readonly batch: number;
  /** Milliseconds until the next batch when the last one was full. */
  readonly pauseMs: number;
  /** Milliseconds until the next look when there was nothing more. */
  readonly restMs: number;
}

export const PURGE_PACE: PurgePace = { keepHours: 24, batch: 500, pauseMs: 50, restMs: 60_000 };

/** What the purge works with. */
export interface PurgeOptions {
  readonly topology: Topology;
  /** Told of each transaction, which changes no page. */
  readonly cache: Pick<Cache, 'noteUnrelated'>;
  readonly log: Logger;
  /** Aborted: the purge ends. */
  readonly signal: AbortSignal;
}

const STATEMENT_MS = 2000;

/**
 * Deletes old idempotency keys until the signal is aborted. A lock in MySQL lets one process at a time do it; failures
 * are left to the next time.
 */
export async function purgeKeys(options: PurgeOptions, pace: PurgePace = PURGE_PACE): Promise<void> {
  const { signal } = options;
  while (!signal.aborted) {
    const isFull = await purgeBatch(options, pace);
    await rest(isFull ? pace.pauseMs : pace.restMs, signal);
  }
}

async function purgeBatch({ topology, cache, log, signal }: PurgeOptions, { keepHours, batch }: PurgePace): Promise<boolean> {
  const primary = topology.primary();
  if (primary === undefined) return false;
  try {
    const { sets, gtid } = await primary.pool.run('CALL purge_idempotency_keys_v1(?, ?)', [keepHours, batch], { deadlineMs: STATEMENT_MS, signal });
    const gone = sets[0]?.[0]?.['gone'];
    if (typeof gone === 'number' && gone > 0) log.debug({ gone }, 'Old idempotency keys were purged');
    if (gtid !== undefined) await cache.noteUnrelated({ epoch: primary.epoch, serverUuid: primary.serverUuid, n: numberOf(gtid) });
    return gone === batch;
  } catch (error) {
    if (!signal.aborted) log.debug({ err: error }, 'The purge of old idempotency keys waits for better times');
    return false;
  }
}

/** Resolves after the time or, at once, when the signal is aborted. Does not keep the process alive. */
async function rest(ms: number, signal: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { signal, ref: false }).catch(() => undefined);
}
