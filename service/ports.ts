/**
 * What the parts of the service ask of each other: topology and write path on one side, the cache on the other, the API
 * above both. Every port is owned by its consumer; nothing here does anything.
 */
import type { MemberAddress } from '../common/members.ts';

/** One row as mysql2 gives it: column name → value (DECIMAL and JSON as text, BIGINT as number, DATETIME as text, BINARY as Buffer). */
export type Row = Readonly<Record<string, unknown>>;

/** What one packet of one or more statements gave. */
export interface Results {
  /** The rows of every statement that returns rows, in order. */
  readonly sets: readonly (readonly Row[])[];
  /** Rows that the last statement without rows changed. */
  readonly affectedRows: number;
  /** `uuid:n` of the transaction that the packet committed; absent when it committed none. */
  readonly gtid?: string;
}

/** Limits of one round trip. */
export interface RunOptions {
  /** Milliseconds for all of it: waiting for a connection, connecting, the answer. When they are over, the connection is destroyed. */
  readonly deadlineMs: number;
  /** Aborted: the connection is destroyed and the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Kept connections to one member. */
export interface MemberPool {
  readonly member: MemberAddress;
  /**
   * Sends one packet (statements separated by `;`, `?` for values, which are escaped) and reads all its results.
   * A connection that failed in any way but by a statement's own error is never used again.
   * @throws the driver's error (`errno`, `code`), or `DeadlineError` when the time was over
   */
  run(sql: string, values: readonly unknown[], options: RunOptions): Promise<Results>;
}

/** The primary as this process last saw it. */
export interface Primary {
  readonly epoch: number;
  readonly serverUuid: string;
  readonly pool: MemberPool;
}

/** A member that may be read. */
export interface Replica {
  /** Its epoch row's number. */
  readonly epoch: number;
  readonly serverUuid: string;
  readonly pool: MemberPool;
}

/** Who is who among the members, as this process sees it; never goes back to a lower epoch. */
export interface Topology {
  /** The writable member of the highest epoch seen; undefined while none is known to answer. */
  primary(): Primary | undefined;
  /**
   * True while a primary is known and N − A members (itself among them) answered within the last second, none of them
   * with a higher epoch. False: an answer of this primary may be older than another's, and says so.
   */
  isCurrent(): boolean;
  /** Replicas that follow {@link primary}'s epoch and have heard from it lately; empty when no primary is known. */
  replicas(): readonly Replica[];
  /** Open members that followed the last known primary, for reads while no primary is reached. */
  lastResort(): readonly Replica[];
  /**
   * The primary, at once when one is known; else as soon as one is found.
   * @throws the signal's reason when it is aborted first
   */
  waitForPrimary(signal: AbortSignal): Promise<Primary>;
  /**
   * Look at all members at once, and quickly for a while. `slow`: a statement on this primary hangs; it stays the primary
   * until another is found. `failed`: it lost or refused one; it is the primary again only once it answered anew.
   */
  suspect(primary: Primary, symptom: 'slow' | 'failed'): void;
  /** Calls the listener after each change of {@link primary} or {@link replicas}. Returns how to stop that. */
  onChange(listener: () => void): () => void;
}

/**
 * Position in the history of writes: (epoch, GTID number on the primary of that epoch). Ordered by epoch, then n.
 * `serverUuid` is the primary's; an epoch has one.
 */
export interface Version {
  readonly epoch: number;
  readonly serverUuid: string;
  readonly n: number;
}

/** A committed write, as it is known before its client is answered. */
export interface WriteOutcome {
  readonly version: Version;
  /** The cache generation row as this write's own transaction read it (FOR SHARE). */
  readonly cacheGeneration: number;
  /** Redis process that may hold cached pages in that generation; `off`: none. */
  readonly redisRunId: string;
  /** What its transaction changed of the properties, others' writes in it included; undefined: that is not known. */
  readonly changes: readonly Change[] | undefined;
}

/** A property's `sold_time` as a number that sorts as the list does: 0 for none, else the digits of YYYYMMDDHHMMSS. */
export type SoldTime = number;

/** What became of one property in a transaction. Absent `from`: it was created; absent `to`: it was deleted. */
export interface Change {
  readonly id: number;
  readonly from?: SoldTime;
  readonly to?: SoldTime;
}

/** A property's place in the list: by `sold_time`, then by id. */
export interface Place {
  readonly time: SoldTime;
  readonly id: number;
}

/** What a page rests on: which changes would make it another page. */
export type Extent =
  /** Any change. */
  | { readonly kind: 'everything' }
  /** One property, whether it exists or not. */
  | { readonly kind: 'property'; readonly id: number }
  /** The places from one to another, both included, whatever lies before: a page behind a cursor. */
  | { readonly kind: 'behind'; readonly first: Place; readonly last: Place }
  /** The same places, and how many properties lie before them: a page at an offset. */
  | { readonly kind: 'offset'; readonly first: Place; readonly last: Place };

/** A page as it was made of rows. */
export interface MadePage {
  readonly page: string;
  readonly extent: Extent;
}

/** One SELECT (or several) somewhere: the rows of its last result set. Where, after which wait and until when is the caller's business. */
export type Select = (sql: string, values: readonly unknown[]) => Promise<readonly Row[]>;

/** Makes a page out of rows. May be called again with another `select` when the first failed. The text is opaque to the cache. */
export type Fill = (select: Select) => Promise<MadePage>;

/** Why an answer may be older than the last acknowledged write; the value of the freshness header. */
export type Freshness =
  /** No primary is reached, or it may have been followed by another: a replica (or that primary) answered. */
  'no-primary';

/** A page and where it came from. */
export interface PageRead {
  readonly page: string;
  readonly source: 'cache' | 'primary' | 'replica';
  readonly freshness?: Freshness;
}

/** What a read knows about its client. */
export interface ReadContext {
  /** Aborted at the request's deadline, or when its client is gone. */
  readonly signal: AbortSignal;
  /** The last write that this client has seen acknowledged, from its signed cookie. */
  readonly seen?: Version;
}

/** A page and where its rows came from. */
export interface LoadedPage extends PageRead, MadePage {}

/** Reads of pages that show every write acknowledged before they began; exceptions carry a {@link Freshness}. */
export interface PageReader {
  /**
   * @param key what the page shows, canonical: equal keys are equal pages (`list:start=0:limit=10`, `id:7`)
   * @throws Unavailable when no member can be read before the signal is aborted
   */
  readPage(key: string, fill: Fill, context: ReadContext): Promise<PageRead>;
}

/** What a write must do about cached pages before its client hears of it. */
export interface Acknowledger {
  /**
   * Resolves once no read that begins from now on, in any process, can be answered by a page older than this write.
   * Idempotent: a replay of the write calls it again.
   * @throws the signal's reason, or an error after which the write is tried again (it replays) until its deadline
   */
  beforeAcknowledge(outcome: WriteOutcome, signal: AbortSignal): Promise<void>;
}

/** The cache as a part of the process. */
export interface Cache extends PageReader, Acknowledger {
  /** Says that a transaction has committed which changes no page; nobody has to hear of it. */
  noteUnrelated(version: Version): Promise<void>;
  /** Returns at once; connecting goes on in the background. */
  start(): void;
  /** Closes connections and timers; resolves when all is closed, within a second. */
  stop(): Promise<void>;
}

/** Nothing can be read now; answered as 503 with Retry-After. */
export class Unavailable extends Error {
  override name = 'Unavailable';
}

/** Whether an error says that nothing can be read now, or could not be in time. */
export const isUnavailable = (error: unknown): boolean => error instanceof Unavailable || (error instanceof Error && error.name === 'TimeoutError');
