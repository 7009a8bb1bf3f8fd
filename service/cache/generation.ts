import type { GenerationRow } from './generation-row.ts';
import { sameTarget } from './generation-row.ts';
import type { LeaseTimes } from './lease.ts';
import type { CacheTarget } from './generation-row.ts';

/** Redis as this process has it. */
export type RedisHealth =
  | { readonly state: 'unreachable' }
  /** A master, reached through the Sentinels, that answers in time. */
  | {
      readonly state: 'healthy';
      readonly replicationId: string;
      /** When the Sentinels were asked for it, monotonic milliseconds. */
      readonly openedAt: number;
      /** Since when it answers in time, monotonic milliseconds. */
      readonly since: number;
    };

/** All that the decision about the cache generation rests on. Times are monotonic milliseconds of this process. */
export interface GenerationView {
  readonly now: number;
  readonly me: string;
  readonly row: GenerationRow;
  /** When this process first heard of the row's generation. */
  readonly learnedAt: number;
  /** When this process last saw anything in the row change. */
  readonly movedAt: number;
  readonly redis: RedisHealth;
  /** The target that Redis said it does not have (any more). */
  readonly lost: CacheTarget | undefined;
  /** Since when this process could not use the row's target; undefined while it can, or the row is off. */
  readonly unusableSince: number | undefined;
  /** How long Redis must have been healthy before this process turns the cache on; grows when it often turns it off. */
  readonly calmMs: number;
  /** When this process last renewed its "off". */
  readonly renewedAt: number;
}

/** What to do about the cache generation, and why. */
export type GenerationDecision =
  | { readonly kind: 'leave'; readonly reason: string }
  | { readonly kind: 'turn-off'; readonly reason: string }
  | { readonly kind: 'renew'; readonly reason: string }
  /** Ask the Sentinels anew, before the cache is turned on or off. */
  | { readonly kind: 'reconnect'; readonly reason: string }
  | { readonly kind: 'turn-on'; readonly reason: string; readonly replicationId: string };

/** A target that cannot be used for so long is turned off even if nobody writes, so that the next write need not wait. */
export const UNUSABLE_MS = 1000;
/** The owner of an "off" repeats it so often while it cannot reach Redis. */
export const RENEW_MS = 5000;
/** An "off" that was not renewed for so long is nobody's any more. */
export const ABANDONED_MS = 15_000;
/** {@link GenerationView.calmMs} without trouble, and at most. */
export const CALM = { leastMs: 500, mostMs: 60_000 } as const;

/** True when this process can use the row's target now. */
export function canUse(row: GenerationRow, redis: RedisHealth, lost: CacheTarget | undefined): boolean {
  return row.target !== undefined && redis.state === 'healthy' && redis.replicationId === row.target.replicationId && !sameTarget(row.target, lost);
}

/**
 * Milliseconds of healthy Redis that it takes to turn on, doubled for each recent turn-off by this process.
 * @param recentOffs turn-offs by this process within the last minutes
 */
export const calmFor = (recentOffs: number): number => Math.min(CALM.mostMs, CALM.leastMs * 2 ** Math.max(0, recentOffs - 1));

/** Decides about the generation; nothing here is needed for safety but the wait of `times.waitMs` before a turn-on. */
export function decideGeneration(view: GenerationView, times: LeaseTimes): GenerationDecision {
  return view.row.target === undefined ? whileOff(view, times) : whileOn(view);
}

function whileOn({ now, row, unusableSince, redis, learnedAt }: GenerationView): GenerationDecision {
  if (unusableSince === undefined) return { kind: 'leave', reason: 'the cache is on and can be used' };
  const isOther = redis.state === 'healthy' && redis.replicationId !== row.target?.replicationId;
  // Who turned it on may have asked the Sentinels later: they know of a failover that does not show on this connection.
  if (isOther && redis.openedAt < learnedAt) return { kind: 'reconnect', reason: 'the cache is on in another Redis than this process has found' };
  const since = isOther ? Math.max(unusableSince, redis.since) : unusableSince;
  if (now - since < UNUSABLE_MS) return { kind: 'leave', reason: 'the cache cannot be used from here, but not for long yet' };
  const gone = 'the state that the generation names is gone: Redis failed over, restarted or was flushed';
  return { kind: 'turn-off', reason: redis.state === 'healthy' ? gone : 'Redis is not reached from here' };
}

function whileOff(view: GenerationView, times: LeaseTimes): GenerationDecision {
  const { now, me, row, redis } = view;
  const mine = row.owner === me;
  if (redis.state === 'unreachable') {
    return mine && now - Math.max(view.renewedAt, view.learnedAt) >= RENEW_MS
      ? { kind: 'renew', reason: 'this process turned the cache off and still does not reach Redis' }
      : { kind: 'leave', reason: 'the cache is off and Redis is not reached from here' };
  }
  if (!mine && row.owner !== '' && now - view.movedAt < ABANDONED_MS) {
    return { kind: 'leave', reason: `the cache is off for ${row.owner}, which may not reach Redis` };
  }
  if (now - view.learnedAt <= times.waitMs) return { kind: 'leave', reason: 'leases of the generation before may still be in use' };
  if (now - redis.since < view.calmMs) return mine ? keepOff(view) : { kind: 'leave', reason: 'Redis is not healthy for long enough yet' };
  if (redis.openedAt < view.learnedAt) return { kind: 'reconnect', reason: 'the Sentinels were asked before the cache was turned off' };
  return { kind: 'turn-on', reason: 'the cache is off and Redis is healthy', replicationId: redis.replicationId };
}

function keepOff({ now, renewedAt, learnedAt }: GenerationView): GenerationDecision {
  return now - Math.max(renewedAt, learnedAt) >= RENEW_MS
    ? { kind: 'renew', reason: 'this process turned the cache off and waits for Redis to stay healthy' }
    : { kind: 'leave', reason: 'Redis is not healthy for long enough yet' };
}
