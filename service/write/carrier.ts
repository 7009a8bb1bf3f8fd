import type { MemberPool, Primary, Results, Topology } from '../ports.ts';
import { Batches } from './batches.ts';
import { type Packet, toBatch } from './command.ts';
import { type Written, readOutcome, readOutcomes } from './outcome.ts';

/** Limits of what is under way on a primary. */
export interface CarrierPace {
  /** Milliseconds for one packet; a hung one is given up, its keys make the next harmless. */
  readonly statementMs: number;
  /** Milliseconds after which the other members are asked whether one of them is the primary now. */
  readonly slowMs: number;
  /** Writes in one transaction at most. */
  readonly size: number;
}

export interface CarrierOptions {
  readonly topology: Topology;
  readonly poolOf: (primary: Primary) => MemberPool;
  readonly pace: CarrierPace;
  /** So many writes were sent in one transaction. */
  readonly onSent: (writes: number) => void;
  /** A shared transaction failed for this reason, its writes are tried alone. */
  readonly onSplit: (error: unknown, primary: Primary) => void;
}

/** A primary of a higher epoch was found while a statement hung on the old one. */
export class Superseded extends Error {
  override name = 'AbortError';
}

/** Takes packets to a primary, once: alone, or those that may be in one transaction with others that come at the same time. */
export class Carrier {
  readonly #options: CarrierOptions;
  readonly #batches = new WeakMap<Primary, Batches<Packet, Written>>();
  readonly #failedOn = new WeakMap<Packet, Primary>();

  constructor(options: CarrierOptions) {
    this.#options = options;
  }

  /**
   * @param signal aborted: this packet is given up
   * @throws Superseded, the pool's errors, the signal's reason
   */
  async carry(packet: Packet, primary: Primary, signal: AbortSignal): Promise<Written> {
    if (packet.isShareable === undefined || this.#hasFailed(packet, primary)) return this.#alone(packet, primary, signal);
    try {
      return await this.#batchesFor(primary).add(packet, signal);
    } catch (error) {
      this.#failedOn.set(packet, primary);
      throw error;
    }
  }

  /** What it has begun there may still hold its key: neighbours would wait for that too. */
  #hasFailed(packet: Packet, { pool, epoch }: Primary): boolean {
    const before = this.#failedOn.get(packet);
    return before?.pool === pool && before.epoch === epoch;
  }

  #batchesFor(primary: Primary): Batches<Packet, Written> {
    const known = this.#batches.get(primary);
    if (known !== undefined) return known;
    const made = new Batches<Packet, Written>({
      alone: (packet, signal) => this.#alone(packet, primary, signal),
      together: (packets, signal) => this.#together(packets, primary, signal),
      onSplit: (error) => this.#options.onSplit(error, primary),
    }, this.#options.pace);
    this.#batches.set(primary, made);
    return made;
  }

  async #alone(packet: Packet, primary: Primary, signal: AbortSignal): Promise<Written> {
    this.#options.onSent(1);
    return readOutcome(await this.#run(packet, primary, signal), primary, packet);
  }

  async #together(packets: readonly Packet[], primary: Primary, signal: AbortSignal): Promise<readonly Written[]> {
    this.#options.onSent(packets.length);
    return readOutcomes(await this.#run(toBatch(packets), primary, signal), primary, packets);
  }

  /** Runs the packet while watching for a newer primary: the search goes on while the statement hangs, not after. */
  async #run(packet: Pick<Packet, 'sql' | 'values'>, primary: Primary, signal: AbortSignal): Promise<Results> {
    const { topology, poolOf, pace } = this.#options;
    const superseded = new AbortController();
    const giveUp = (): void => superseded.abort(signal.reason);
    const stopWatching = topology.onChange(() => {
      if ((topology.primary()?.epoch ?? 0) > primary.epoch) superseded.abort(new Superseded(`${primary.pool.member.name} is no longer the primary`));
    });
    const slow = setTimeout(() => topology.suspect(primary, 'slow'), pace.slowMs);
    signal.addEventListener('abort', giveUp, { once: true });
    try {
      return await poolOf(primary).run(packet.sql, packet.values, { deadlineMs: pace.statementMs, signal: superseded.signal });
    } finally {
      clearTimeout(slow);
      stopWatching();
      signal.removeEventListener('abort', giveUp);
    }
  }
}
