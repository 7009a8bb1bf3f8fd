/** One TCP connection of a client to nginx. Times are milliseconds on the drill's own clock. */
export interface Connection {
  /** Counts from 1 over the whole load. */
  readonly id: number;
  readonly openedMs: number;
  /** The client's side of it; null when the system does not say. */
  readonly localPort: number | null;
  /** Where it leads: scheme, host and port. */
  readonly address: string;
}

/** What a write does to its row. A row's versions count from 1, its creation, by one per write; a deletion is a version too. */
export interface Change {
  readonly row: number;
  readonly version: number;
  /** The property's id as the service answered or as it was asked for; null for a creation without an answer. */
  readonly id: number | null;
}

/** A row of ours as an answer showed it. */
export interface Sight {
  readonly row: number;
  readonly version: number;
}

/** What a read showed. */
export interface View {
  /** Our rows in the answer. */
  readonly sights: readonly Sight[];
  /** The row that was asked for by its id; null for a page. */
  readonly asked: number | null;
  /** How many rows were asked for: a page with fewer ends the table. 1 for a single row. */
  readonly limit: number;
  /** Rows in the answer, ours or not. */
  readonly length: number;
  /** Headers say that it may be older: out of nginx's own cache, or by a replica while there is no primary. */
  readonly marked: boolean;
}

export type Kind = 'create' | 'replace' | 'delete' | 'read' | 'list';

/** One request of the load, from before it was sent until its answer was whole or given up. */
export interface Operation {
  readonly kind: Kind;
  readonly worker: string;
  readonly startedMs: number;
  readonly endedMs: number;
  /** HTTP status; null when there was no whole answer. */
  readonly status: number | null;
  /** Why it counts as failed; null when it did not fail. */
  readonly failure: string | null;
  /** Null when no connection was had: then nothing was sent. */
  readonly connection: Connection | null;
  /** Of writes. */
  readonly change: Change | null;
  /** Of reads that were answered. */
  readonly view: View | null;
}

/** Everything that the load did. */
export interface History {
  /** What every address of this load's rows begins with. */
  readonly marker: string;
  readonly startedMs: number;
  readonly endedMs: number;
  /** In the order in which they ended. */
  readonly operations: readonly Operation[];
}

const WRITES: ReadonlySet<Kind> = new Set(['create', 'replace', 'delete']);

/** Whether the operation is a write. */
export const isWrite = (operation: Operation): boolean => WRITES.has(operation.kind);

/** Whether the operation is a write that the service said is done. */
export const isAcknowledged = (operation: Operation): boolean => isWrite(operation) && operation.failure === null;

/** What the report prints of a history; all times in milliseconds. */
export interface Figures {
  readonly requests: number;
  readonly acknowledgedWrites: number;
  /** Without those on the victim's own connections. */
  readonly failed: number;
  /** Failed on connections into the edge that the fault broke, where it may break one. */
  readonly failedOnVictim: number;
  /** Between two acknowledged writes that follow each other, or between the last one and the end of the load. */
  readonly longestWriteGapMs: number;
  /** When that gap began, on the drill's clock. */
  readonly longestWriteGapFromMs: number;
  readonly slowestWriteMs: number;
  readonly slowestReadMs: number;
}

const longest = (values: readonly number[]): number => values.reduce((most, value) => Math.max(most, value), 0);

/**
 * Counts and times of a history. Failed operations count among the slowest ones, since their client waited too, but nothing
 * that was under way on the victim's own connections: that lasts as long as the fault or its client's patience.
 * @param isOfVictim whether an operation was on such a connection then, well or not
 */
export function figuresOf(history: History, isOfVictim: (operation: Operation) => boolean = () => false): Figures {
  const failed = history.operations.filter((one) => one.failure !== null);
  const onVictim = new Set(history.operations.filter(isOfVictim));
  const failedOnVictim = failed.filter((one) => onVictim.has(one)).length;
  const writes = history.operations.filter(isWrite);
  const acknowledgedMs = writes.filter(isAcknowledged).map((write) => write.endedMs).sort((a, b) => a - b);
  const gap = longestGap(acknowledgedMs, history);
  const durations = (operations: readonly Operation[]): number[] => operations.filter((one) => !onVictim.has(one)).map((one) => one.endedMs - one.startedMs);
  return {
    requests: history.operations.length,
    acknowledgedWrites: acknowledgedMs.length,
    failed: failed.length - failedOnVictim,
    failedOnVictim,
    longestWriteGapMs: gap.ms,
    longestWriteGapFromMs: gap.fromMs,
    slowestWriteMs: longest(durations(writes)),
    slowestReadMs: longest(durations(history.operations.filter((one) => !isWrite(one)))),
  };
}

/** The longest time without a moment of these, from the first of them (or, if there is none, from the start) until the end. */
function longestGap(momentsMs: readonly number[], { startedMs, endedMs }: History): { ms: number; fromMs: number } {
  const bounds = [...(momentsMs.length === 0 ? [startedMs] : momentsMs), endedMs];
  const gaps = bounds.slice(1).map((end, index) => ({ fromMs: bounds[index] ?? end, ms: end - (bounds[index] ?? end) }));
  return gaps.reduce((most, gap) => (gap.ms > most.ms ? gap : most), { ms: 0, fromMs: startedMs });
}
