import { randomBytes } from 'node:crypto';
import { setImmediate as socketsRead } from 'node:timers/promises';
import type { Registry } from 'prom-client';
import { acknowledgements } from '../../common/members.ts';
import type { Cache, Fill, PageRead, ReadContext, Topology, Version, WriteOutcome } from '../ports.ts';
import { systemClock } from './clock.ts';
import type { Clock } from './clock.ts';
import { Confirmation } from './confirmation.ts';
import { MysqlGenerationTable } from './generation-table.ts';
import { Invalidator } from './invalidate.ts';
import { GenerationKeeper } from './keeper.ts';
import { LEASE_TIMES } from './lease.ts';
import { Leases } from './leases.ts';
import type { RedisAddress } from './link.ts';
import { createMeter } from './metrics.ts';
import { Pages } from './pages.ts';
import type { CacheLog, CacheStore } from './ports.ts';
import { RedisStore } from './redis.ts';
import { MysqlSources } from './sources.ts';

/** Settings and parts of the cache of one process. */
export interface CacheOptions {
  readonly topology: Topology;
  /** Members of the cluster when whole, N. */
  readonly members: number;
  /** This process's name; two that run at once have different ones. */
  readonly name: string;
  readonly redis: Omit<RedisAddress, 'clientName'>;
  /** Seconds that Redis keeps a page that nobody replaces. */
  readonly ttlS: number;
  readonly registry: Registry;
  readonly log: CacheLog;
  readonly clock?: Clock;
}

/** Milliseconds between two looks at the generation: a lease outlasts two that fail. */
const RENEW_MS = 250;

/** The cache over real MySQL and Redis. */
export function createCache(options: CacheOptions): Cache {
  const { topology, members, name, redis, ttlS, log, clock = systemClock } = options;
  const store = new RedisStore({ address: { ...redis, clientName: name }, ttlS, clock, log });
  const meter = createMeter(options.registry, () => store.health());
  const confirmation = new Confirmation(topology, acknowledgements(members), clock);
  const leases = new Leases(new MysqlGenerationTable(topology, confirmation), clock, LEASE_TIMES);
  const nonce = (): string => randomBytes(8).toString('hex');
  const keeper = new GenerationKeeper({ me: name, table: new MysqlGenerationTable(topology, confirmation), store, leases, clock, meter, log, nonce });
  const pages = new Pages({ leases, keeper, store, sources: new MysqlSources(topology, confirmation), clock, meter, gather: () => socketsRead() });
  const invalidator = new Invalidator({ leases, keeper, store, clock, meter });
  return new RunningCache({ pages, invalidator, leases, keeper, clock, topology, store });
}

interface Parts {
  readonly pages: Pages;
  readonly invalidator: Invalidator;
  readonly leases: Leases;
  readonly keeper: GenerationKeeper;
  readonly clock: Clock;
  readonly topology: Pick<Topology, 'onChange'>;
  readonly store: CacheStore & { start(): void; stop(): Promise<void> };
}

class RunningCache implements Cache {
  private readonly parts: Parts;
  private readonly stopping = new AbortController();
  private wake: () => void = () => undefined;
  private unsubscribe: () => void = () => undefined;
  private loop: Promise<void> = Promise.resolve();

  constructor(parts: Parts) {
    this.parts = parts;
  }

  start(): void {
    this.parts.store.start();
    this.unsubscribe = this.parts.topology.onChange(() => this.wake());
    this.loop = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort(new Error('The cache is stopping.'));
    this.unsubscribe();
    await Promise.all([this.parts.store.stop(), this.loop]);
  }

  readPage(key: string, fill: Fill, context: ReadContext): Promise<PageRead> {
    return this.parts.pages.readPage(key, fill, context);
  }

  beforeAcknowledge(outcome: WriteOutcome, signal: AbortSignal): Promise<void> {
    return this.parts.invalidator.beforeAcknowledge(outcome, signal);
  }

  noteUnrelated(version: Version): Promise<void> {
    return this.parts.invalidator.noteUnrelated(version);
  }

  /** Looks at the generation every {@link RENEW_MS}, and at once when the topology changes. */
  private async run(): Promise<void> {
    const { leases, keeper } = this.parts;
    while (!this.stopping.signal.aborted) {
      // Without a primary there is no lease; the topology says when there is one.
      await leases.renew().catch(() => undefined);
      void keeper.tick();
      await this.pause();
    }
  }

  private async pause(): Promise<void> {
    const woken = new Promise<void>((resolve) => (this.wake = resolve));
    await Promise.race([woken, this.parts.clock.sleep(RENEW_MS, this.stopping.signal).catch(() => undefined)]);
  }
}
