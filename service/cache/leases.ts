import type { Clock } from './clock.ts';
import type { GenerationRow } from './generation-row.ts';
import { Generations, isUsable } from './lease.ts';
import type { Lease, LeaseTimes } from './lease.ts';
import type { GenerationTable } from './ports.ts';

/** The row as this process last saw it. */
export interface SeenRow {
  readonly row: GenerationRow;
  /** When this process last saw anything in it change, monotonic milliseconds. */
  readonly movedAt: number;
}

/** Holds this process's lease and what it knows of the generations. */
export class Leases {
  readonly generations = new Generations();
  readonly times: LeaseTimes;
  private readonly table: GenerationTable;
  private readonly clock: Clock;
  private lease: Lease | undefined;
  private seen: SeenRow | undefined;
  private renewing: Promise<void> | undefined;

  constructor(table: GenerationTable, clock: Clock, times: LeaseTimes) {
    this.table = table;
    this.clock = clock;
    this.times = times;
  }

  /** The lease, if it may be used now. */
  current(): Lease | undefined {
    return this.mayUse(this.lease) ? this.lease : undefined;
  }

  /** True while this lease may be used. */
  mayUse(lease: Lease | undefined): lease is Lease {
    return isUsable(lease, this.clock.now(), this.times);
  }

  /** The row as last seen; undefined before the first look. */
  lastSeen(): SeenRow | undefined {
    return this.seen;
  }

  /**
   * Reads a new lease, one at a time. The one held stays until it ends.
   * @throws when no primary answers
   */
  renew(): Promise<void> {
    this.renewing ??= this.read().finally(() => (this.renewing = undefined));
    return this.renewing;
  }

  private async read(): Promise<void> {
    // Before the question is sent: whoever changes the generation afterwards waits from a later moment.
    const startedAt = this.clock.now();
    const { row, floor, confirmed } = await this.table.read();
    // Generations go back only where a person promoted a member that lacks acknowledged transactions.
    if (this.lease !== undefined && floor.epoch > this.lease.floor.epoch && row.generation < this.lease.row.generation) this.forget();
    const known = this.seen?.row;
    if (known !== undefined && row.generation < known.generation) return;
    this.generations.learn(row.generation, this.clock.now());
    if (known === undefined || known.generation !== row.generation || known.renewals !== row.renewals) this.seen = { row, movedAt: this.clock.now() };
    // A primary that may have been followed by another gives no lease: it would give one for ever.
    if (confirmed) this.lease = { row, floor, startedAt };
  }

  private forget(): void {
    this.seen = undefined;
    this.generations.forget();
  }
}
