import type { Acknowledger, Change, Version, WriteOutcome } from '../ports.ts';
import { unlessAborted } from './clock.ts';
import type { Clock } from './clock.ts';
import { parseTarget } from './generation-row.ts';
import type { CacheTarget } from './generation-row.ts';
import type { GenerationKeeper } from './keeper.ts';
import type { Leases } from './leases.ts';
import { RedisUnusable } from './ports.ts';
import { SingleFlight } from './flights.ts';
import type { CacheMeter, CacheStore, RaiseAnswer } from './ports.ts';

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

/** How often a change is logged that has to wait for earlier ones, and milliseconds in between, before it counts as a change of anything. */
const GAP = { tries: 4, pauseMs: 3 } as const;

type Raised = 'raised' | 'raised-whole';

/** Takes care of cached pages between a write's commit and its client's answer. */
export class Invalidator implements Acknowledger {
  private readonly options: InvalidatorOptions;
  private readonly raising = new SingleFlight<Raised | { readonly trouble: string }>();

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
    const raised = await this.raiseOrEnd(outcome, target, signal);
    if (raised !== 'ended') return meter.invalidated(raised);
    await this.waitForLeasesBefore(cacheGeneration + 1, signal);
    meter.invalidated('turned-off');
  }

  /** Says that a transaction has committed which changes no page: else all pages would be made anew once it counts as never logged. */
  async noteUnrelated(version: Version): Promise<void> {
    const { leases, store } = this.options;
    const target = leases.current()?.row.target;
    if (target === undefined) return;
    await store.raise(target, version, []).catch(() => undefined);
  }

  /** Until the change log has the write, or its generation is ended. */
  private async raiseOrEnd(outcome: WriteOutcome, target: CacheTarget, signal: AbortSignal): Promise<Raised | 'ended'> {
    const { keeper, clock } = this.options;
    const { epoch, n } = outcome.version;
    for (;;) {
      signal.throwIfAborted();
      // Writes that share a transaction share its entries.
      const raised = await this.raising.join(`${epoch}:${n}`, () => this.raise(outcome, target));
      if (typeof raised === 'string') return raised;
      try {
        await unlessAborted(keeper.turnOff(outcome.cacheGeneration, raised.trouble), signal);
        return 'ended';
      } catch {
        await clock.sleep(AGAIN_MS, signal);
      }
    }
  }

  private async raise({ version, changes }: WriteOutcome, target: CacheTarget): Promise<Raised | { readonly trouble: string }> {
    const { keeper } = this.options;
    try {
      const exact = changes === undefined ? 'gap' : await this.raiseExactly(version, changes, target);
      const answer = exact === 'gap' ? await this.options.store.raise(target, version, undefined) : exact;
      if (answer === 'raised') return exact === 'gap' ? 'raised-whole' : 'raised';
      keeper.noteLost(target);
      return { trouble: 'Redis has lost the state' };
    } catch (error) {
      if (error instanceof RedisUnusable) return { trouble: error.trouble };
      throw error;
    }
  }

  /** The writes before it are on their way to the log too, most often. */
  private async raiseExactly(version: Version, changes: readonly Change[], target: CacheTarget): Promise<RaiseAnswer> {
    const { store, clock } = this.options;
    for (let tries = 1; ; tries += 1) {
      const answer = await store.raise(target, version, changes);
      if (answer !== 'gap' || tries === GAP.tries) return answer;
      await clock.sleep(GAP.pauseMs);
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
