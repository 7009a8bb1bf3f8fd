import type { Fill, PageRead, PageReader, ReadContext, Version } from '../ports.ts';
import { Unavailable } from '../ports.ts';
import { unlessAborted } from './clock.ts';
import type { Clock } from './clock.ts';
import { Rounds, SingleFlight } from './flights.ts';
import type { CacheTarget } from './generation-row.ts';
import type { GenerationKeeper } from './keeper.ts';
import type { Leases } from './leases.ts';
import { RedisUnusable } from './ports.ts';
import type { CacheAnswer, CacheMeter, CacheStore, RedisTrouble, Sources } from './ports.ts';

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
/** Milliseconds between two tries while no member can be read. */
const AGAIN_MS = 50;

type UsableAnswer = Exclude<CacheAnswer, { kind: 'lost' }>;
type Looked = { readonly answer: UsableAnswer; readonly target: CacheTarget } | { readonly bypass: BypassReason };

/** Reads through the cache. */
export class Pages implements PageReader {
  private readonly options: PagesOptions;
  private readonly looks: Rounds<Looked>;
  private readonly fills = new SingleFlight<PageRead>();

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
      throw signal.aborted ? tooLate(error) : error;
    }
  }

  private async throughCache(key: string, fill: Fill): Promise<PageRead | BypassReason> {
    const looked = await this.lookUntilMade(key);
    if ('bypass' in looked) return looked.bypass;
    const { answer, target } = looked;
    if (answer.kind !== 'hit') return this.made(target, key, answer.version, fill);
    this.options.meter.hit();
    return { page: answer.page, source: 'cache' };
  }

  /** Reads of one page that come while Redis is asked for it are answered by one more question, asked after all of them came. */
  private look(key: string): Promise<Looked> {
    return this.looks.join(key, () => this.lookOnce(key));
  }

  private async lookOnce(key: string): Promise<Looked> {
    const { leases } = this.options;
    const lease = leases.current();
    if (lease === undefined) return { bypass: 'no-lease' };
    const { target } = lease.row;
    if (target === undefined) return { bypass: 'off' };
    const looked = await this.ask(target, key, lease.floor);
    // The version that Redis names is newest as of a moment within the lease.
    return 'answer' in looked && !leases.mayUse(lease) ? { bypass: 'lease-ended' } : looked;
  }

  private async ask(target: CacheTarget, key: string, floor: Version): Promise<Looked> {
    const { store, keeper } = this.options;
    try {
      const answer = await store.read(target, key, floor);
      if (answer.kind !== 'lost') return { answer, target };
      keeper.noteLost(target);
      return { bypass: 'redis-lost' };
    } catch (error) {
      if (error instanceof RedisUnusable) return { bypass: error.trouble };
      throw error;
    }
  }

  /** Looks again for a short while when another process makes the page. */
  private async lookUntilMade(key: string): Promise<Looked> {
    const { clock } = this.options;
    const until = clock.now() + OTHERS_FILL.mostMs;
    for (;;) {
      const looked = await this.look(key);
      if ('bypass' in looked || looked.answer.kind !== 'wait') return looked;
      if (clock.now() >= until || this.fills.underWay(flightOf(key, looked.answer.version)) !== undefined) return looked;
      await clock.sleep(OTHERS_FILL.lookMs);
    }
  }

  private async made(target: CacheTarget, key: string, version: Version, fill: Fill): Promise<PageRead | BypassReason> {
    try {
      return await this.fills.join(flightOf(key, version), () => this.make({ target, key, version }, fill));
    } catch (error) {
      if (error instanceof Unavailable) return 'version-not-reached';
      throw error;
    }
  }

  private async make(wanted: { readonly target: CacheTarget; readonly key: string; readonly version: Version }, fill: Fill): Promise<PageRead> {
    const { sources, store, meter } = this.options;
    const { target, key, version } = wanted;
    const made = await sources.loadAt(version, fill);
    meter.fill(made.source === 'primary' ? 'primary' : 'replica');
    // Nobody waits for it; when it fails, the next read makes the page again. What may be older is never kept.
    if (made.freshness === undefined) store.put(target, key, { page: made.page, version }).catch(() => undefined);
    return made;
  }

  private async latest(key: string, fill: Fill, { signal, seen }: ReadContext): Promise<PageRead> {
    const { sources, clock } = this.options;
    for (;;) {
      try {
        return await unlessAborted(sources.loadLatest(key, fill, seen), signal);
      } catch (error) {
        if (signal.aborted) throw tooLate(error);
        if (!(error instanceof Unavailable)) throw error;
      }
      await clock.sleep(AGAIN_MS, signal).catch(() => undefined);
    }
  }
}

/** Pages of one version are one flight; every reader has looked up the version after it was asked. */
const flightOf = (key: string, { epoch, n }: Version): string => `${key}@${epoch}:${n}`;

const tooLate = (cause: unknown): Unavailable => new Unavailable('Reading a page: no member gave it before the deadline; try again shortly.', { cause });
