import type { Change } from '../../ports.ts';
import { Invalidator } from '../invalidate.ts';
import { GenerationKeeper } from '../keeper.ts';
import { LEASE_TIMES } from '../lease.ts';
import { Leases } from '../leases.ts';
import { Pages } from '../pages.ts';
import type { CacheMeter } from '../ports.ts';
import { MysqlModel } from './mysql-model.ts';
import { RedisModel } from './redis-model.ts';
import { applied, fillOf, showsOf, someKey } from './properties.ts';
import { VirtualTime } from './virtual-time.ts';
import type { Weakness } from './weakness.ts';

/** Something that happens in the world at a time. */
export type Happening =
  | { readonly kind: 'write'; readonly process: string }
  | { readonly kind: 'read'; readonly process: string }
  | { readonly kind: 'freeze'; readonly process: string; readonly ms: number }
  | { readonly kind: 'redis cut off'; readonly process: string; readonly ms: number }
  | { readonly kind: 'redis failover'; readonly old: 'deposed' | 'demoted' }
  | { readonly kind: 'redis failover and back'; readonly ms: number }
  | { readonly kind: 'redis flush' }
  | { readonly kind: 'redis hangs'; readonly ms: number }
  | { readonly kind: 'mysql cut off'; readonly process: string; readonly ms: number }
  /** Each message takes up to so many milliseconds. */
  | { readonly kind: 'mysql slow'; readonly process: string; readonly ms: number; readonly delayMs: number }
  /** Per process, when it notices. */
  | { readonly kind: 'mysql failover'; readonly noticedAfterMs: readonly number[] };

/** When what happens, milliseconds after the cache was turned on. */
export interface Story {
  readonly seed: number;
  readonly happenings: readonly { readonly atMs: number; readonly what: Happening }[];
}

/** What came of it. */
export interface Ending {
  /** Reads that did not show a write acknowledged before they began, and did not say that they might not. */
  readonly stale: readonly string[];
  /** How often what happened; a check in which nothing came from the cache has checked nothing. */
  readonly counts: Readonly<Record<string, number>>;
}

export const PROCESSES = ['web-0', 'web-1', 'web-2'] as const;
const WARM_UP_MS = 3000;
const COOL_DOWN_MS = 3000;

interface WebProcess {
  readonly name: string;
  readonly pages: Pages;
  readonly invalidator: Invalidator;
}

/** The real code of the cache in several processes, over modelled MySQL and Redis, in virtual time. */
export class World {
  private readonly time: VirtualTime;
  private readonly weakness: Weakness;
  private readonly mysql: MysqlModel;
  private readonly redis: RedisModel;
  private readonly webs: readonly WebProcess[];
  private readonly counts: Record<string, number> = {};
  private readonly stale: string[] = [];
  private readonly acknowledged: { readonly index: number; readonly change: Change }[] = [];

  constructor(seed: number, weakness: Weakness) {
    this.time = new VirtualTime(seed);
    this.weakness = weakness;
    this.mysql = new MysqlModel(this.time, weakness);
    this.redis = new RedisModel(this.time, weakness, PROCESSES);
    this.webs = PROCESSES.map((name) => this.start(name));
  }

  async play({ happenings }: Story): Promise<Ending> {
    for (const { atMs, what } of happenings) this.time.after(WARM_UP_MS + atMs, () => this.happen(what));
    const end = Math.max(0, ...happenings.map(({ atMs }) => atMs));
    await this.time.runUntil(WARM_UP_MS + end + COOL_DOWN_MS);
    return { stale: this.stale, counts: this.counts };
  }

  private happen(what: Happening): void {
    switch (what.kind) {
      case 'write': return this.write(this.web(what.process));
      case 'read': return this.read(this.web(what.process));
      case 'freeze':
        this.time.freeze(what.process);
        return this.time.after(what.ms, () => this.time.thaw(what.process));
      case 'redis cut off': return this.redis.cut(what.process, what.ms);
      case 'redis failover': return this.redis.failover(what.old);
      case 'redis failover and back':
        this.redis.failover('demoted');
        return this.time.after(what.ms, () => this.redis.failover('demoted'));
      case 'redis flush': return this.redis.flush();
      case 'redis hangs': return this.redis.hang(what.ms);
      case 'mysql cut off': return this.mysql.cut(what.process, what.ms);
      case 'mysql slow': return this.mysql.slow(what.process, what.ms, what.delayMs);
      case 'mysql failover':
        return this.mysql.failover(PROCESSES.map((name, index) => ({ name, noticesAfterMs: what.noticedAfterMs[index] ?? 0 })));
    }
  }

  private write({ name, invalidator }: WebProcess): void {
    const signal = new AbortController();
    this.time.after(5000, () => signal.abort(new Error('deadline')));
    // A frozen process takes no request until it is thawed.
    this.time.after(0, () => {
      this.mysql.write(name)
        .then(async ({ index, change, outcome }) => {
          await invalidator.beforeAcknowledge(outcome, signal.signal);
          this.acknowledged.push({ index, change });
          this.count('acknowledged');
        })
        .catch(() => this.count('not acknowledged'));
    }, name);
  }

  private read({ name, pages }: WebProcess): void {
    this.time.after(0, () => {
      const due = [...this.acknowledged];
      const startedAt = this.time.now();
      const key = someKey(this.time.random);
      pages.readPage(key, fillOf(key), { signal: new AbortController().signal })
        .then(({ page, source, freshness }) => {
          this.count(freshness ?? source);
          if (freshness === undefined && this.isStale(key, page, due)) this.stale.push(`${name} at ${startedAt.toFixed(0)}: ${key} is ${page} from ${source}`);
        })
        .catch(() => this.count('not read'));
    }, name);
  }

  /** A page shows the properties as of one transaction. Whatever was acknowledged and came later must not make another page of them. */
  private isStale(key: string, page: string, due: readonly { readonly index: number; readonly change: Change }[]): boolean {
    const { at, shows } = JSON.parse(page) as { readonly at: number; readonly shows: string };
    const later = due.filter(({ index }) => index > at).toSorted((a, b) => a.index - b.index);
    return showsOf(key, later.reduce((rows, { change }) => applied(rows, change), this.mysql.rowsAt(at))) !== shows;
  }

  private start(name: string): WebProcess {
    const { time, weakness, redis, mysql } = this;
    const clock = time.clockOf(name);
    const [table, store] = [mysql.tableOf(name), redis.storeOf(name)];
    const times = weakness === 'no lease wait' ? { ...LEASE_TIMES, waitMs: 0 } : LEASE_TIMES;
    const leases = new Leases(table, clock, times);
    const hasty = new Leases(table, clock, { ...LEASE_TIMES, waitMs: 0 });
    const meter = this.meter();
    const log = { info: () => undefined, warn: () => undefined };
    const nonce = (): string => (weakness === 'no nonce' ? 'nonce' : `${name}-${time.random()}`);
    const keeper = new GenerationKeeper({ me: name, table, store, leases, clock, meter, log, nonce });
    const impatient = new GenerationKeeper({ me: name, table, store, leases: hasty, clock, meter, log, nonce });
    const reading = weakness === 'no look at the lease after the answer' ? once(leases) : leases;
    const renew = (): void => {
      leases.renew().catch(() => undefined);
      if (weakness === 'no wait before turning on') hasty.renew().then(() => impatient.tick(), () => undefined);
      else void keeper.tick();
      time.after(250, renew, name);
    };
    time.after(time.random() * 250, renew, name);
    return { name, pages: new Pages({ leases: reading, keeper, store, sources: mysql.sourcesOf(name), clock, meter }), invalidator: new Invalidator({ leases, keeper, store, clock, meter }) };
  }

  private web(name: string): WebProcess {
    return this.webs.find((web) => web.name === name) as WebProcess;
  }

  private count(what: string): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
  }

  private meter(): CacheMeter {
    return {
      hit: (where) => this.count(`hit: ${where}`),
      fill: () => undefined,
      bypass: (reason) => this.count(`bypass: ${reason}`),
      invalidated: (how) => this.count(`invalidated: ${how}`),
      generation: (change) => this.count(`generation: ${change}`),
    };
  }
}

/** Leases that are looked at before the question only. */
const once = (leases: Leases): Leases => Object.create(leases, { mayUse: { value: () => true } }) as Leases;

/** Plays a story in a new world. */
export const play = (story: Story, weakness: Weakness = 'none'): Promise<Ending> => new World(story.seed, weakness).play(story);
