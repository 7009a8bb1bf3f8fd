/**
 * A history as it is written down: JSON lines, one when a client sends something and one when it knows what became of it,
 * after a head and before what stood in the table at the end. Times are milliseconds on the drill's own clock; that of an
 * invocation is rounded down and that of its end up, so that nothing ever seems to come before something that it overlapped.
 */

/** What a client can ask for. */
export type Asked = 'create' | 'replace' | 'delete' | 'read' | 'page';

/** `ok`: done; `fail`: not done, for certain; `unknown`: done, or not, or still to come. */
export type Outcome = 'ok' | 'fail' | 'unknown';

/** A row in an answer, or in the table: its id, its name (what its address says after the marker), and its value. Null name: not of this history. */
export type Shown = readonly [id: number, row: string | null, value: number];

/** The first line. */
export interface Head {
  readonly type: 'head';
  readonly format: 1;
  /** What every address of this history's rows begins with. */
  readonly marker: string;
}

/** Something was sent. */
export interface Invocation {
  readonly type: 'invoke';
  /** Counts from 1 over the whole history. */
  readonly op: number;
  /** Who asks: one thing at a time. */
  readonly process: string;
  readonly time: number;
  readonly f: Asked;
  /** Of a creation or replacement. */
  readonly row?: string;
  readonly value?: number;
  /** By what its rows sort, ISO 8601; of a creation or replacement. */
  readonly sold?: string;
  /** Of whatever is asked of one row by its id. */
  readonly id?: number;
  /** The client's idempotency key. Whoever sends it again asks for the same thing, once. */
  readonly key?: string;
  /** The ETag that a write insists on. */
  readonly ifMatch?: string;
  /** It carried the cookie of a client that has written. */
  readonly seen?: true;
  /** Of a page: its offset or its cursor, and how many rows it may have. */
  readonly start?: number;
  readonly after?: string;
  readonly limit?: number;
}

/** What became of it. Without such a line it is unknown. */
export interface End {
  readonly type: Outcome;
  readonly op: number;
  readonly process: string;
  readonly time: number;
  /** HTTP status; absent without a whole answer. */
  readonly status?: number;
  /** Why there was none. */
  readonly why?: string;
  /** Of a write's answer. */
  readonly id?: number;
  readonly etag?: string;
  /** Of reads: all rows in the answer, in its order; none for 404. */
  readonly rows?: readonly Shown[];
  /** Of a page: the cursor to the next one. */
  readonly next?: string;
  /** The header that says why the answer may be older. */
  readonly fresh?: string;
}

/** The last line: every row of this history that the primary holds when all is over. */
export interface Final {
  readonly type: 'final';
  readonly time: number;
  readonly rows: readonly Shown[];
}

export type Entry = Head | Invocation | End | Final;

/** A history that was read back. */
export interface Lines {
  readonly head: Head;
  readonly invocations: readonly Invocation[];
  /** By operation. */
  readonly ends: ReadonlyMap<number, End>;
  readonly final: Final;
}

const ENDS: ReadonlySet<string> = new Set<Outcome>(['ok', 'fail', 'unknown']);

/**
 * Reads a history.
 * @param text JSON lines
 * @throws Error that names the line that is none, or what the history lacks
 */
export function parseLines(text: string): Lines {
  const entries = text.split('\n').flatMap((line, index) => (line === '' ? [] : [entryIn(line, index + 1)]));
  const [head] = entries;
  const final = entries.at(-1);
  if (head?.type !== 'head') throw new Error('Reading the history failed: its first line is no head. Was the file cut off at its front?');
  if (final?.type !== 'final') throw new Error('Reading the history failed: its last line does not say what stood in the table. Did the drill break off?');
  const ends = new Map<number, End>();
  for (const entry of entries) if (isEnd(entry)) ends.set(entry.op, entry);
  return { head, invocations: entries.filter((entry) => entry.type === 'invoke'), ends, final };
}

const isEnd = (entry: Entry): entry is End => ENDS.has(entry.type);

function entryIn(line: string, number: number): Entry {
  try {
    return JSON.parse(line) as Entry;
  } catch (error) {
    throw new Error(`Reading the history failed at line ${number}: it is no JSON.`, { cause: error });
  }
}
