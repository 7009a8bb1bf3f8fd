import type { Fill, LoadedPage, PageRead, PageReader, ReadContext, Version } from '../ports.ts';
import { Unavailable } from '../ports.ts';
import { ChangeLog } from './change-log.ts';
import { unlessAborted } from './clock.ts';
import type { Clock } from './clock.ts';
import { Rounds, SingleFlight } from './flights.ts';
import type { CacheTarget } from './generation-row.ts';
import type { GenerationKeeper } from './keeper.ts';
import { KeptPages } from './kept-pages.ts';
import type { Leases } from './leases.ts';
import { RedisUnusable } from './ports.ts';
import type { CacheMeter, CacheStore, KeptPage, RedisTrouble, Sources } from './ports.ts';

/** Why a read did not go through the cache. */
export type BypassReason = RedisTrouble | 'off' | 'no-lease' | 'lease-ended' | 'redis-lost' | 'version-not-reached';

/** What reading works with. */
export interface PagesOptions {
  readonly leases: Leases;
  readonly keeper: Pick<GenerationKeeper, 'noteLost'>;
  readonly store: CacheStore;
  readonly sources: Sources;
  readonly clock: Clock;
  readonly meter: CacheMeter;
  /** What a look at Redis waits for, so that reads which arrive in the same moment share it; default: nothing. */
  readonly gather?: () => Promise<unknown>;
}

/** Milliseconds between looks, and in all, for a page that another process makes. */
const OTHERS_FILL = { lookMs: 10, mostMs: 50 } as const;
/** So often a read looks again for a page that this process made meanwhile, before it makes one itself. */
const LOOKS = 3;
/** Milliseconds between two tries while no member can be read. */
const AGAIN_MS = 50;

/** Where the change log ends, as of a moment within a lease: a page that it leaves standing may be answered. */
interface Standing {
  readonly target: CacheTarget;
  readonly log: ChangeLog;
  readonly version: Version;
  readonly seq: number;
}

/** A page that is being made. */
interface Filling {
  /** Where the log ended when it was begun. */
  readonly seq: number;
  readonly page: Promise<LoadedPage>;
}

interface Bypass {
  readonly bypass: BypassReason;
}

/** Reads through the cache. */
export class Pages implements PageReader {
  private readonly options: PagesOptions;
  private readonly looks: Rounds<Standing | Bypass>;
  private readonly fetches = new SingleFlight<KeptPage | undefined>();
  private readonly fills = new Map<string, Filling>();
  private log = new ChangeLog('');
  private kept = new KeptPages();

  constructor(options: PagesOptions) {
    this.options = options;
    this.looks = new Rounds(options.gather);
  }

  async readPage(key: string, fill: Fill, context: ReadContext): Promise<PageRead> {
    const read = await this.throughCacheUntil(context.signal, key, fill);
    if (typeof read !== 'string') return read;
    this.options.meter.bypass(read);
    return this.latest(key, fill, context);
  }

  private async throughCacheUntil(signal: AbortSignal, key: string, fill: Fill): Promise<PageRead | BypassReason> {
    try {
      return await unlessAborted(this.throughCache(key, fill), signal);
    } catch (error) {
      if (error instanceof RedisUnusable) return error.trouble;
      throw signal.aborted ? tooLate(error) : error;
    }
  }

  private async throughCache(key: string, fill: Fill): Promise<PageRead | BypassReason> {
    const { clock } = this.options;
    const until = clock.now() + OTHERS_FILL.mostMs;
    for (let looks = 1; ; looks += 1) {
      const standing = await this.look();
      if ('bypass' in standing) return standing.bypass;
      const page = await this.find(key, standing);
      if (page !== undefined) return { page, source: 'cache' };
      const underWay = this.fills.get(flightOf(key, standing.target));
      // What is made just now may lack what has been logged since: the next look says so.
      if (underWay !== undefined && underWay.seq < standing.seq && looks < LOOKS) await underWay.page.catch(() => undefined);
      else if (underWay !== undefined || clock.now() >= until || (await this.options.store.claim(standing.target, key))) return this.made(standing, key, fill);
      else await clock.sleep(OTHERS_FILL.lookMs);
    }
  }

  /** Reads that come while Redis is being asked are answered by one more question, asked after all of them came. */
  private look(): Promise<Standing | Bypass> {
    return this.looks.join('', () => this.lookOnce());
  }

  private async lookOnce(): Promise<Standing | Bypass> {
    const { leases, store, keeper } = this.options;
    const lease = leases.current();
    if (lease === undefined) return { bypass: 'no-lease' };
    const { target } = lease.row;
    if (target === undefined) return { bypass: 'off' };
    const log = this.logOf(target);
    const asked = log.seq;
    const answer = await store.log(target, { floor: lease.floor, settled: lease.settled, seq: asked });
    if (answer.kind === 'lost') {
      keeper.noteLost(target);
      return { bypass: 'redis-lost' };
    }
    log.learn(answer, asked);
    // All that Redis logged up to a moment within the lease is known now.
    return leases.mayUse(lease) ? { target, log, version: answer.version, seq: answer.seq } : { bypass: 'lease-ended' };
  }

  /** Each turn-on has a log of its own, and pages of its own. */
  private logOf({ nonce }: CacheTarget): ChangeLog {
    if (this.log.nonce !== nonce) {
      this.log = new ChangeLog(nonce);
      this.kept = new KeptPages();
    }
    return this.log;
  }

  /** The page, from memory or from Redis, if nothing logged makes another of it. */
  private async find(key: string, { target, log }: Standing): Promise<string | undefined> {
    const { store, meter } = this.options;
    const mine = log === this.log ? this.kept.get(key) : undefined;
    if (mine !== undefined && log.isStill(mine)) {
      // What has been looked through once is not looked through again.
      if (mine.seq < log.seq) this.kept.keep(key, { ...mine, seq: log.seq });
      meter.hit('memory');
      return mine.page;
    }
    const fetched = await this.fetches.join(flightOf(key, target), () => store.fetch(target, key));
    if (fetched === undefined || !log.isStill(fetched)) return undefined;
    if (log === this.log) this.kept.keep(key, { ...fetched, seq: Math.max(fetched.seq, log.seq) });
    meter.hit('redis');
    return fetched.page;
  }

  private async made(standing: Standing, key: string, fill: Fill): Promise<PageRead | BypassReason> {
    try {
      return shown(await this.makeOrJoin(standing, key, fill));
    } catch (error) {
      if (error instanceof Unavailable) return 'version-not-reached';
      throw error;
    }
  }

  /** A page that was begun where the log ended no earlier is as good as an own one. */
  private makeOrJoin(standing: Standing, key: string, fill: Fill): Promise<LoadedPage> {
    const flight = flightOf(key, standing.target);
    const underWay = this.fills.get(flight);
    if (underWay !== undefined && underWay.seq >= standing.seq) return underWay.page;
    const filling: Filling = { seq: standing.seq, page: this.make(standing, key, fill).finally(() => {
      if (this.fills.get(flight) === filling) this.fills.delete(flight);
    }) };
    this.fills.set(flight, filling);
    return filling.page;
  }

  private async make({ target, log, version, seq }: Standing, key: string, fill: Fill): Promise<LoadedPage> {
    const { sources, store, meter } = this.options;
    const made = await sources.loadAt(version, fill);
    meter.fill(made.source === 'primary' ? 'primary' : 'replica');
    // What may be older is never kept.
    if (made.freshness !== undefined) return made;
    const page: KeptPage = { page: made.page, extent: made.extent, version, seq };
    if (log === this.log) this.kept.keep(key, page);
    // Nobody waits for it; when it fails, another process makes the page again.
    store.put(target, key, page).catch(() => undefined);
    return made;
  }

  private async latest(key: string, fill: Fill, { signal, seen }: ReadContext): Promise<PageRead> {
    const { sources, clock } = this.options;
    for (;;) {
      try {
        return shown(await unlessAborted(sources.loadLatest(key, fill, seen), signal));
      } catch (error) {
        if (signal.aborted) throw tooLate(error);
        if (!(error instanceof Unavailable)) throw error;
      }
      await clock.sleep(AGAIN_MS, signal).catch(() => undefined);
    }
  }
}

/** What the reader gets of it. */
const shown = ({ page, source, freshness }: LoadedPage): PageRead => ({ page, source, ...(freshness && { freshness }) });

/** Numbers of the log are those of one turn-on. */
const flightOf = (key: string, { nonce }: CacheTarget): string => `${nonce}:${key}`;

const tooLate = (cause: unknown): Unavailable => new Unavailable('Reading a page: no member gave it before the deadline; try again shortly.', { cause });
