import type { Shown } from './entry.ts';
import type { Operations, Write } from './operations.ts';

/** One thing that must not be. */
export interface Wrong {
  readonly kind: 'lost' | 'duplicated' | 'ghost' | 'stale' | 'own write' | 'order' | 'replay' | 'not linearizable';
  readonly text: string;
}

/** What was asked of one row. */
export class RowWrites {
  readonly row: string;
  readonly all: readonly Write[];
  /** By what it sorts; null: nobody said. */
  readonly sold: string | null;
  /** Nothing must be seen of it before; Infinity: never. */
  readonly #firstDoneMs: number;
  /** Nothing may be missed after it; Infinity: it was never deleted for certain. */
  readonly #goneMs: number;

  constructor(row: string, all: readonly Write[]) {
    this.row = row;
    this.all = all;
    this.sold = all.find((write) => write.sold !== null)?.sold ?? null;
    const done = all.filter((write) => write.outcome === 'ok');
    this.#firstDoneMs = Math.min(...done.map((write) => write.endMs));
    this.#goneMs = Math.min(...done.filter((write) => write.value === null).map((write) => write.endMs));
  }

  /** Whether an answer to what was asked at a time may lack the row in any case: the quick look at most rows of a page. */
  mayLack(invokeMs: number): boolean {
    return this.#firstDoneMs >= invokeMs || this.#goneMs < invokeMs;
  }

  /** The write that made a value; undefined when nobody sent it. */
  of(value: number): Write | undefined {
    return this.all.find((write) => write.value === value);
  }

  /** Those that were answered as done before a time. */
  doneBefore(ms: number): readonly Write[] {
    return this.all.filter((write) => write.outcome === 'ok' && write.endMs < ms);
  }

  /** Whether a deletion may have taken effect after a write and before a time. */
  mayBeGone(after: Write, beforeMs: number): boolean {
    return this.all.some((write) => write.value === null && write.outcome !== 'fail' && write.endMs > after.invokeMs && write.invokeMs < beforeMs);
  }
}

/** All rows that anybody wrote. */
export const rowsWritten = ({ writes }: Operations): ReadonlyMap<string, RowWrites> =>
  new Map([...Map.groupBy(writes, (write) => write.row)].map(([row, all]) => [row, new RowWrites(row, all)]));

/** Why a write of a row, done before, must be seen where this is shown; undefined: none must. */
export function overlooked(row: RowWrites, shown: number | null, done: readonly Write[], endMs: number): Write | undefined {
  if (shown === null) return done.find((write) => write.value !== null && !row.mayBeGone(write, endMs));
  const shownWrite = row.of(shown);
  // What is unknown may have happened at any time since it was sent: it can be the newer one.
  const madeMs = shownWrite?.outcome === 'ok' ? shownWrite.endMs : Infinity;
  // A deletion is final: an id is never given again.
  return done.find((write) => write.value === null || write.invokeMs > madeMs);
}

/** Compares what stands in the table in the end with what was answered: lost, duplicated, ghost. */
export function checkFinal(operations: Operations, rows: ReadonlyMap<string, RowWrites>): readonly Wrong[] {
  const standing = Map.groupBy(operations.final, ([, row]) => row);
  const strangers = operations.final.filter(([, row]) => row === null || !rows.has(row)).map(([id]) => ghost(`Id ${id} carries the marker in the end, and nobody wrote it.`));
  return [...strangers, ...[...rows.values()].flatMap((row) => finalOf(row, standing.get(row.row) ?? []))];
}

function finalOf(row: RowWrites, standing: readonly Shown[]): readonly Wrong[] {
  if (standing.length > 1) return [{ kind: 'duplicated', text: `Row ${row.row} stands ${standing.length} times, as ids ${standing.map(([id]) => id).join(', ')}.` }];
  const shown = standing[0]?.[2] ?? null;
  const lost = overlooked(row, shown, row.doneBefore(Infinity), Infinity);
  return [
    ...(shown === null ? [] : ghosts(row, shown, 'stands in the end')),
    ...(lost === undefined ? [] : [{ kind: 'lost', text: `Row ${row.row}: ${what(lost)} was acknowledged, and in the end ${shown === null ? 'no row is there' : `value ${shown} is there`}.` } as const]),
  ];
}

/** A value that nobody sent, or whose write was refused for certain. */
export function ghosts(row: RowWrites, value: number, where: string): readonly Wrong[] {
  const write = row.of(value);
  if (write === undefined) return [ghost(`Row ${row.row}: value ${value} ${where}, and nobody wrote it.`)];
  return write.outcome === 'fail' ? [ghost(`Row ${row.row}: value ${value} ${where}, though its write failed (${write.status ?? 'never sent'}).`)] : [];
}

const ghost = (text: string): Wrong => ({ kind: 'ghost', text });

/** A write in words. */
export const what = (write: Write): string => (write.value === null ? 'its deletion' : `value ${write.value}`);
