import type { Acknowledger, WriteOutcome } from '../ports.ts';
import { unlessAborted } from './clock.ts';
import type { Clock } from './clock.ts';
import { parseTarget } from './generation-row.ts';
import type { CacheTarget } from './generation-row.ts';
import type { GenerationKeeper } from './keeper.ts';
import type { Leases } from './leases.ts';
import { RedisUnusable } from './ports.ts';
import type { CacheMeter, CacheStore } from './ports.ts';

/** What invalidation works with. */
export interface InvalidatorOptions {
  readonly leases: Leases;
  readonly keeper: GenerationKeeper;
  readonly store: CacheStore;
  readonly clock: Clock;
  readonly meter: CacheMeter;
}

/** Milliseconds between two tries to end a generation while no primary answers. */
const AGAIN_MS = 50;

/** Takes care of cached pages between a write's commit and its client's answer. */
export class Invalidator implements Acknowledger {
  private readonly options: InvalidatorOptions;

  constructor(options: InvalidatorOptions) {
    this.options = options;
  }

  async beforeAcknowledge(outcome: WriteOutcome, signal: AbortSignal): Promise<void> {
    const { leases, clock, meter } = this.options;
    const { cacheGeneration } = outcome;
    const target = parseTarget(outcome.redisRunId);
    leases.generations.learn(cacheGeneration, clock.now());
    if (target === undefined) {
      // Committed while off: later leases begin above it, only earlier ones can be in use.
      await this.waitForLeasesBefore(cacheGeneration, signal);
      return meter.invalidated('off');
    }
    if (!(await this.raiseOrEnd(outcome, target, signal))) {
      await this.waitForLeasesBefore(cacheGeneration + 1, signal);
      return meter.invalidated('turned-off');
    }
    meter.invalidated('raised');
  }

  /** True when Redis has the version; false when the generation is ended. */
  private async raiseOrEnd(outcome: WriteOutcome, target: CacheTarget, signal: AbortSignal): Promise<boolean> {
    const { keeper, clock } = this.options;
    for (;;) {
      signal.throwIfAborted();
      const raised = await this.raise(outcome, target);
      if (raised === true) return true;
      try {
        await unlessAborted(keeper.turnOff(outcome.cacheGeneration, raised), signal);
        return false;
      } catch {
        await clock.sleep(AGAIN_MS, signal);
      }
    }
  }

  /** True, or why the version is not in Redis. */
  private async raise({ version }: WriteOutcome, target: CacheTarget): Promise<true | string> {
    const { store, keeper } = this.options;
    try {
      if (await store.raise(target, version)) return true;
      keeper.noteLost(target);
      return 'Redis has lost the state';
    } catch (error) {
      if (error instanceof RedisUnusable) return error.trouble;
      throw error;
    }
  }

  private async waitForLeasesBefore(generation: number, signal: AbortSignal): Promise<void> {
    const { leases, clock } = this.options;
    for (;;) {
      const left = leases.generations.waitFor(generation, clock.now(), leases.times);
      if (left <= 0) return;
      await clock.sleep(left, signal);
    }
  }
}
