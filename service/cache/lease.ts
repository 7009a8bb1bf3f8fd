import type { Version } from '../ports.ts';
import type { GenerationRow } from './generation-row.ts';

/** How long leases last; the same in every process, since a writer waits for the leases of others. */
export interface LeaseTimes {
  /** Milliseconds, from before the read was sent, in which a lease may be used. */
  readonly usableMs: number;
  /** Milliseconds that a writer waits for the leases of an ended generation; more than {@link usableMs} by what clocks may differ. */
  readonly waitMs: number;
}

/**
 * With the time that a write gives Redis before (`RAISE_MS`), a write waits less than a second: short leases, so that Redis on
 * a busy machine can be given long. A constant, not a setting: two processes with different lengths would break the promise.
 */
export const LEASE_TIMES: LeaseTimes = { usableMs: 500, waitMs: 550 };

/** A right to use the cached pages of one generation for a short time. */
export interface Lease {
  readonly row: GenerationRow;
  /**
   * The position that this process read first in this generation and epoch, after the row: contains every write whose
   * transaction saw an earlier generation. Those of this one are in the change log before they are acknowledged.
   */
  readonly floor: Version;
  /** A position read {@link SETTLED_MS} or more ago: what it contains is in the change log, or its writer is not going to log it. */
  readonly settled: Version | undefined;
  /** When the read that gave it was about to be sent, monotonic milliseconds. */
  readonly startedAt: number;
}

/**
 * Milliseconds after which a committed write counts as never logged: its process died, or it came past the service. No rule of
 * safety: what is acknowledged is in the log.
 */
export const SETTLED_MS = 500;

/** True while the lease may be used. */
export const isUsable = (lease: Lease | undefined, now: number, times: LeaseTimes): lease is Lease =>
  lease !== undefined && now >= lease.startedAt && now < lease.startedAt + times.usableMs;

/** First news of a generation. */
interface Learned {
  readonly generation: number;
  readonly at: number;
}

/** As many generations as can change while a write waits. */
const KEPT = 16;

/** When this process first heard of each generation: an answer that shows one came after its commit. */
export class Generations {
  private learned: readonly Learned[] = [];

  /** Takes note of a generation that an answer showed as committed; older ones are ignored. */
  learn(generation: number, now: number): void {
    const last = this.learned.at(-1);
    if (last !== undefined && last.generation >= generation) return;
    this.learned = [...this.learned.slice(1 - KEPT), { generation, at: now }];
  }

  /** Forgets all: the history that they were of is lost. */
  forget(): void {
    this.learned = [];
  }

  /** When the first answer came that showed this generation or a later one; undefined when none came yet. */
  learnedAt(generation: number): number | undefined {
    return this.learned.find((entry) => entry.generation >= generation)?.at;
  }

  /**
   * Milliseconds until every lease of generations before this one has ended, wherever it is held.
   * @throws RangeError when this process has not heard of the generation: nothing may be concluded
   */
  waitFor(generation: number, now: number, times: LeaseTimes): number {
    const at = this.learnedAt(generation);
    if (at === undefined) throw new RangeError(`Cannot wait for the leases before cache generation ${generation}: it has not been seen; learn() it first.`);
    return Math.max(0, at + times.waitMs - now);
  }
}
