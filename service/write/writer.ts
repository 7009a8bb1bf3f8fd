import type { Logger } from 'pino';
import { type Failure, classify } from '../mysql/errors.ts';
import type { Acknowledger, MemberPool, Primary, Topology } from '../ports.ts';
import { Carrier, type CarrierPace, Superseded } from './carrier.ts';
import { Hold, type HoldLimits } from './hold.ts';
import type { Written } from './outcome.ts';
import type { Packet } from './command.ts';

/** Limits in milliseconds. */
export interface WriterPace extends CarrierPace {
  /** Shortest and longest pause before an attempt after the second; random in between. */
  readonly pauseMs: readonly [number, number];
}

export const WRITER_PACE: WriterPace = { statementMs: 3000, slowMs: 200, size: 64, pauseMs: [25, 50] };

/** Why a write was tried again; once for a batch whose writes were then tried alone. */
export type RetryReason = Failure | 'superseded';

/** What happens to writes, for the metrics. */
export interface WriterEvents {
  readonly retried: (reason: RetryReason) => void;
  /** A write was not done at its first attempt at once; seconds from its start to its end. */
  readonly held: (seconds: number) => void;
  /** So many writes were sent in one transaction. */
  readonly sent: (writes: number) => void;
}

export interface WriterOptions {
  readonly topology: Topology;
  /** Connections for writes alone: writes that hang must not keep reads waiting. Default: the primary's own. */
  readonly poolOf?: (primary: Primary) => MemberPool;
  readonly acknowledger: Acknowledger;
  readonly log: Logger;
  readonly events: WriterEvents;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly pace?: WriterPace;
}

/** Carries a write to whoever is the primary, until it is done and may be acknowledged, or its time is over. */
export class Writer {
  readonly #options: WriterOptions;
  readonly #pace: WriterPace;
  readonly #carrier: Carrier;
  readonly #holds = new Set<Hold>();

  constructor(options: WriterOptions) {
    const { topology, events, poolOf = ({ pool }): MemberPool => pool, pace = WRITER_PACE } = options;
    this.#options = options;
    this.#pace = pace;
    this.#carrier = new Carrier({ topology, poolOf, pace, onSent: events.sent, onSplit: (error, primary) => this.#note(error, primary) });
  }

  /**
   * Executes the packet, exactly once however often it is tried, since its key is in it.
   * @throws HandBack: another process shall go on with it; Overdue: its deadline is over, unknown whether it was done; ClientGone
   */
  async write(packet: Packet, limits: HoldLimits): Promise<Written> {
    using hold = new Hold(limits);
    this.#holds.add(hold);
    const { topology, now, events } = this.#options;
    const startedAt = now();
    let held = topology.primary() === undefined;
    try {
      return await this.#tryUntilDone(packet, hold, () => { held = true; });
    } catch (error) {
      held = true;
      throw error;
    } finally {
      this.#holds.delete(hold);
      if (held) events.held((now() - startedAt) / 1000);
    }
  }

  async #tryUntilDone(packet: Packet, hold: Hold, onRetry: () => void): Promise<Written> {
    let written = await this.#attempt(packet, hold);
    for (let attempts = 1; written === undefined; attempts += 1) {
      onRetry();
      // The first failure is most often a primary that died: its successor is tried as soon as it is found.
      if (attempts > 1) await hold.pause(this.#pauseMs());
      written = await this.#attempt(packet, hold);
    }
    return written;
  }

  /** The process stops: what can be handed to another process is, the rest goes on. */
  handBackAll(): void {
    for (const hold of this.#holds) hold.handBack();
  }

  /** @returns undefined when it must be tried again */
  async #attempt(packet: Packet, hold: Hold): Promise<Written | undefined> {
    const primary = await this.#options.topology.waitForPrimary(hold.signal);
    try {
      const written = await this.#carrier.carry(packet, primary, hold.signal);
      await this.#options.acknowledger.beforeAcknowledge(written.outcome, hold.signal);
      return written;
    } catch (error) {
      if (hold.signal.aborted) throw hold.signal.reason;
      this.#note(error, primary);
      return undefined;
    }
  }

  #note(error: unknown, primary: Primary): void {
    const { log, topology, events } = this.#options;
    const reason: RetryReason = error instanceof Superseded ? 'superseded' : classify(error);
    events.retried(reason);
    const context = { err: error, member: primary.pool.member.name, epoch: primary.epoch };
    if (reason === 'unexpected') log.error(context, 'A write failed in a way that no failover explains; trying again');
    else log.debug(context, 'A write is tried again');
    if (reason === 'leaving') topology.suspect(primary, 'failed');
  }

  #pauseMs(): number {
    const [least, most] = this.#pace.pauseMs;
    return least + Math.random() * (most - least);
  }
}
