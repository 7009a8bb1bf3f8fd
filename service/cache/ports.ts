import type { Fill, PageRead, Version } from '../ports.ts';
import type { RedisHealth } from './generation.ts';
import type { CacheTarget, GenerationRow } from './generation-row.ts';

/** One look at the generation row. */
export interface GenerationReading {
  readonly row: GenerationRow;
  /** Read after the row: contains every write whose transaction saw this row or an earlier one. */
  readonly floor: Version;
  /** True when, after the read was asked for, the primary that gave it was still the only one that could acknowledge writes. */
  readonly confirmed: boolean;
}

/** The row `cache_generation` on the primary. */
export interface GenerationTable {
  /**
   * Reads the row, then the primary's position.
   * @throws when no primary answers
   */
  read(): Promise<GenerationReading>;
  /**
   * Commits `from + 1` with this target if the generation is still `from`.
   * @returns false when it had changed already
   * @throws when the outcome is unknown or no primary answers; may be tried again
   */
  change(from: number, target: CacheTarget | undefined, owner: string): Promise<boolean>;
  /** Commits `renewals + 1` if the generation is off, still this one and this owner's. */
  renew(generation: number, owner: string): Promise<void>;
}

/** Where pages are made. */
export interface Sources {
  /**
   * A page that shows all writes up to the version; with a freshness when only a member answered that may lack some.
   * @throws when no member answers
   */
  loadAt(version: Version, fill: Fill): Promise<PageRead>;
  /**
   * A page that shows all writes acknowledged before the call; or one that says in `freshness` that it may not.
   * @throws when no member answers
   */
  loadLatest(key: string, fill: Fill, seen: Version | undefined): Promise<PageRead>;
}

/** What Redis says to a read. All but `lost` are about the page under the version of all writes. */
export type CacheAnswer =
  | { readonly kind: 'hit'; readonly page: string }
  /** The caller is to make the page, and to put it. */
  | { readonly kind: 'fill'; readonly version: Version }
  /** Another process makes it just now. */
  | { readonly kind: 'wait'; readonly version: Version }
  /** Redis does not have the target's state (any more). */
  | { readonly kind: 'lost' };

/** Why Redis was not asked, or its answer not used. */
export type RedisTrouble = 'redis-unreachable' | 'redis-other' | 'redis-late' | 'redis-failed';

/** Redis could not be used for this operation. */
export class RedisUnusable extends Error {
  override name = 'RedisUnusable';
  readonly trouble: RedisTrouble;
  constructor(trouble: RedisTrouble, message: string, options?: ErrorOptions) {
    super(message, options);
    this.trouble = trouble;
  }
}

/**
 * The cache in Redis. Every operation goes to the one process and data set that the target names, over a connection on
 * which that was looked up, or throws {@link RedisUnusable} within its time.
 */
export interface CacheStore {
  health(): RedisHealth;
  /** The version becomes the newer of Redis' own and `floor`; the page is answered if it was made under that version. At most 20 ms. */
  read(target: CacheTarget, key: string, floor: Version): Promise<CacheAnswer>;
  /** The version becomes the newer of Redis' own and this one. At most 100 ms. @returns false when the target's state is lost */
  raise(target: CacheTarget, version: Version): Promise<boolean>;
  /** Keeps a page made under a version, if that still is the version. */
  put(target: CacheTarget, key: string, made: { readonly page: string; readonly version: Version }): Promise<void>;
  /** Makes an empty state for the target. @returns false when another process has just begun one */
  begin(target: CacheTarget): Promise<boolean>;
  /** Leaves the connection and asks the Sentinels anew. */
  reconnect(): void;
}

/** Counts what the cache does. */
export interface CacheMeter {
  hit(): void;
  fill(source: 'primary' | 'replica'): void;
  bypass(reason: string): void;
  invalidated(how: 'raised' | 'off' | 'turned-off'): void;
  generation(change: 'on' | 'off' | 'renewed'): void;
}

/** Where the cache tells people what it does. */
export interface CacheLog {
  info(details: object, text: string): void;
  warn(details: object, text: string): void;
}
