import type { Clock } from './clock.ts';
import { SingleFlight } from './flights.ts';
import { calmFor, canUse, decideGeneration } from './generation.ts';
import type { GenerationDecision } from './generation.ts';
import type { CacheTarget, GenerationRow } from './generation-row.ts';
import type { Leases, SeenRow } from './leases.ts';
import type { CacheLog, CacheMeter, CacheStore, GenerationTable } from './ports.ts';

/** What the keeper works with. */
export interface KeeperOptions {
  /** This process's name; another process with it is the same one's successor. */
  readonly me: string;
  readonly table: GenerationTable;
  readonly store: CacheStore;
  readonly leases: Leases;
  readonly clock: Clock;
  readonly meter: CacheMeter;
  readonly log: CacheLog;
  /** A text that is never made twice, without a colon, of at most 20 characters. */
  readonly nonce: () => string;
}

/** Turn-offs count as recent for so many milliseconds. */
const RECENT_MS = 300_000;

/** Turns the cache on and off for all processes. */
export class GenerationKeeper {
  private readonly options: KeeperOptions;
  private readonly turningOff = new SingleFlight<void>();
  private lost: CacheTarget | undefined;
  private unusableSince: number | undefined;
  private renewedAt = Number.NEGATIVE_INFINITY;
  private offs: readonly number[] = [];
  private acting = false;

  constructor(options: KeeperOptions) {
    this.options = options;
  }

  /** Redis says that it does not have this target's state. */
  noteLost(target: CacheTarget): void {
    this.lost = target;
  }

  /**
   * Ends a generation in which the cache is on. Afterwards this process knows of a later generation, and can wait for the
   * leases before it.
   * @throws when that could not be committed, or it is not known whether it was; may be called again
   */
  turnOff(generation: number, reason: string): Promise<void> {
    return this.turningOff.join(String(generation), async () => {
      const { table, leases, clock, me, meter, log } = this.options;
      const changed = await table.change(generation, undefined, me);
      // Not changed: another process did. In either case a later generation is committed by now.
      leases.generations.learn(generation + 1, clock.now());
      if (!changed) return;
      this.offs = [...this.offs.filter((at) => clock.now() - at < RECENT_MS), clock.now()];
      meter.generation('off');
      log.warn({ generation: generation + 1, reason }, 'the cache is off for all');
    });
  }

  /** Looks at the row, at Redis and at the time, and does what is due; one at a time. */
  async tick(): Promise<void> {
    const seen = this.options.leases.lastSeen();
    if (this.acting || seen === undefined) return;
    this.acting = true;
    try {
      await this.act(this.decide(seen), seen.row);
    } catch (error) {
      this.options.log.info({ err: error, generation: seen.row.generation }, 'the cache generation could not be changed; it is tried again');
    } finally {
      this.acting = false;
    }
  }

  private decide({ row, movedAt }: SeenRow): GenerationDecision {
    const { store, leases, clock, me } = this.options;
    const now = clock.now();
    const redis = store.health();
    const usable = row.target === undefined || canUse(row, redis, this.lost);
    this.unusableSince = usable ? undefined : (this.unusableSince ?? now);
    const calmMs = calmFor(this.offs.filter((at) => now - at < RECENT_MS).length);
    const learnedAt = leases.generations.learnedAt(row.generation) ?? now;
    return decideGeneration({ now, me, row, learnedAt, movedAt, redis, lost: this.lost, unusableSince: this.unusableSince, calmMs, renewedAt: this.renewedAt }, leases.times);
  }

  private async act(decision: GenerationDecision, row: GenerationRow): Promise<void> {
    const { table, store, me, clock, meter } = this.options;
    switch (decision.kind) {
      case 'leave':
        return;
      case 'turn-off':
        return this.turnOff(row.generation, decision.reason);
      case 'reconnect':
        return store.reconnect();
      case 'renew':
        await table.renew(row.generation, me);
        this.renewedAt = clock.now();
        return meter.generation('renewed');
      case 'turn-on':
        return this.turnOn(row.generation, decision.replicationId);
    }
  }

  private async turnOn(generation: number, replicationId: string): Promise<void> {
    const { table, store, leases, clock, me, meter, log, nonce } = this.options;
    const target = { replicationId, nonce: nonce() };
    // The state first: once the row names the target, a Redis without it has lost it.
    if (!(await store.begin(target))) return;
    const changed = await table.change(generation, target, me);
    leases.generations.learn(generation + 1, clock.now());
    if (!changed) return;
    meter.generation('on');
    log.info({ generation: generation + 1, replicationId }, 'the cache is on for all');
  }
}
