import type { Clock } from './clock.ts';
import type { GenerationRow } from './generation-row.ts';
import type { Version } from '../ports.ts';
import { Generations, isUsable, SETTLED_MS } from './lease.ts';
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
  /** Positions in the lease's generation and epoch that were read lately, oldest first. */
  private unsettled: readonly { readonly version: Version; readonly at: number }[] = [];

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
    if (confirmed) this.lease = { row, ...this.positions(row, floor), startedAt };
  }

  /** Of one generation and epoch the first position counts as the floor; of the others, those that have settled. */
  private positions(row: GenerationRow, newest: Version): Pick<Lease, 'floor' | 'settled'> {
    const now = this.clock.now();
    const before = this.lease;
    if (before === undefined || before.row.generation !== row.generation || before.floor.epoch !== newest.epoch) {
      this.unsettled = [{ version: newest, at: now }];
      return { floor: newest, settled: undefined };
    }
    const settled = this.unsettled.findLast(({ at }) => at <= now - SETTLED_MS)?.version ?? before.settled;
    this.unsettled = [...this.unsettled.filter(({ at }) => at > now - SETTLED_MS), { version: newest, at: now }];
    return { floor: before.floor, settled };
  }

  private forget(): void {
    this.seen = undefined;
    this.generations.forget();
  }
}
