import type { Change, Fill, LoadedPage, MadePage, Version } from '../ports.ts';
import type { RedisHealth } from './generation.ts';
import type { CacheTarget, GenerationRow } from './generation-row.ts';
import type { Position } from './version.ts';

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
  loadAt(version: Version, fill: Fill): Promise<LoadedPage>;
  /**
   * A page that shows all writes acknowledged before the call; or one that says in `freshness` that it may not.
   * @throws when no member answers
   */
  loadLatest(key: string, fill: Fill, seen: Version | undefined): Promise<LoadedPage>;
}

/** A page as the cache keeps it: what it shows, and how much of the change log is in it. */
export interface KeptPage extends MadePage {
  /** The page was made by a member that had this write and all before it. */
  readonly version: Version;
  /** Number of an entry of the change log: all up to it are in the page, or leave it as it is. */
  readonly seq: number;
}

/** An entry of the change log: what one write changed. */
export interface LoggedChange extends Position {
  /** Undefined: unknown, it may be anything. */
  readonly change: Change | undefined;
}

/** How far a process knows the change log, and what it knows of MySQL. */
export interface Known {
  /** Every page that is used shows at least this. */
  readonly floor: Version;
  /** All writes up to it have had time to be in the log. */
  readonly settled: Version | undefined;
  /** Number of the last entry it knows. */
  readonly seq: number;
}

/** What Redis says of the change log. */
export type LogAnswer =
  | {
      readonly kind: 'log';
      /** The newest write that Redis knows of. */
      readonly version: Version;
      /** Number of the last entry. */
      readonly seq: number;
      /** The entries behind those that the process knew, oldest first; undefined: Redis has no longer all of them. */
      readonly entries: readonly LoggedChange[] | undefined;
    }
  /** Redis does not have the target's state (any more). */
  | { readonly kind: 'lost' };

/** `gap`: not logged, since earlier writes are not logged yet, which may be about the same properties. */
export type RaiseAnswer = 'raised' | 'gap' | 'lost';

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
  /** The end of the change log, after it was told what this process knows. At most 20 ms. */
  log(target: CacheTarget, known: Known): Promise<LogAnswer>;
  /**
   * Logs what a write changed (undefined: it may be anything), and moves the version. Idempotent. At most 300 ms.
   * A change of a property that was there before is refused as a gap while an earlier write is not logged.
   */
  raise(target: CacheTarget, version: Version, changes: readonly Change[] | undefined): Promise<RaiseAnswer>;
  /** The page kept under a key, whatever was written since; undefined: none of this target. At most 20 ms. */
  fetch(target: CacheTarget, key: string): Promise<KeptPage | undefined>;
  /** Keeps a page. */
  put(target: CacheTarget, key: string, page: KeptPage): Promise<void>;
  /** Claims the making of a page for a moment. @returns false while another process has it */
  claim(target: CacheTarget, key: string): Promise<boolean>;
  /** Makes an empty state for the target. @returns false when another process has just begun one */
  begin(target: CacheTarget): Promise<boolean>;
  /** Leaves the connection and asks the Sentinels anew. */
  reconnect(): void;
}

/** Counts what the cache does. */
export interface CacheMeter {
  hit(where: 'memory' | 'redis'): void;
  fill(source: 'primary' | 'replica'): void;
  bypass(reason: string): void;
  invalidated(how: 'raised' | 'raised-whole' | 'off' | 'turned-off'): void;
  generation(change: 'on' | 'off' | 'renewed'): void;
}

/** Where the cache tells people what it does. */
export interface CacheLog {
  info(details: object, text: string): void;
  warn(details: object, text: string): void;
}
