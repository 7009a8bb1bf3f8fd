import { checkHistory, type HistoryVerdict } from './check.ts';
import type { Asked, End, Final, Invocation, Outcome, Shown } from './entry.ts';

/** Histories for tests, written as short as they can be read. All times in milliseconds; the table is read at 1000. */

/** One operation: from when to when, who, and what; its end may be left out, then it is unknown. */
export interface Told {
  readonly invoke: Omit<Invocation, 'type' | 'op'>;
  readonly end?: Omit<End, 'op' | 'process'>;
}

/** When something was asked and answered; null: never answered. */
export type Span = readonly [fromMs: number, toMs: number | null];

interface Asking extends Partial<Omit<Invocation, 'type' | 'op' | 'time' | 'f'>> {
  readonly status?: number;
  readonly type?: Outcome;
  readonly etag?: string;
  readonly fresh?: string;
  readonly rows?: readonly Shown[];
  readonly next?: string;
  /** That the answer gave. */
  readonly made?: number;
}

const DONE: Readonly<Record<Asked, number>> = { create: 201, replace: 200, delete: 204, read: 200, page: 200 };

/** An operation of any kind, answered as done if nothing else is said. */
export function told(f: Asked, [fromMs, toMs]: Span, asking: Asking): Told {
  const { status = DONE[f], type = 'ok', etag, fresh, rows, next, made, process = 'p', ...asked } = asking;
  const invoke = { process, time: fromMs, f, ...asked };
  if (toMs === null) return { invoke };
  const more = { ...(etag && { etag }), ...(fresh && { fresh }), ...(rows && { rows }), ...(next && { next }), ...(made !== undefined && { id: made }) };
  return { invoke, end: { type, time: toMs, status, ...more } };
}

/** A creation of a row under an id; rows sort by `sold`, which is their name if nothing else is said. */
export const create = (span: Span, [id, row, value]: Shown, more: Asking = {}): Told => told('create', span, { row: row ?? '', value, sold: row ?? '', made: id, ...more });

export const replace = (span: Span, [id, row, value]: Shown, more: Asking = {}): Told => told('replace', span, { id, row: row ?? '', value, sold: row ?? '', made: id, ...more });

export const remove = (span: Span, id: number, more: Asking = {}): Told => told('delete', span, { id, ...more });

/** A read of one row; without a value it was not found. */
export const read = (span: Span, [id, row, value]: readonly [number, string, number | null], more: Asking = {}): Told =>
  told('read', span, { id, ...(value === null ? { status: 404, rows: [] } : { rows: [[id, row, value]] }), ...more });

export const page = (span: Span, rows: readonly Shown[], more: Asking = {}): Told => told('page', span, { start: 0, limit: 10, rows, ...more });

/** The text of a history. */
export function linesOf(operations: readonly Told[], final: readonly Shown[]): string {
  const head = { type: 'head', format: 1, marker: 'drill' } as const;
  const entries = operations.flatMap(({ invoke, end }, index) => {
    const op = index + 1;
    return [{ type: 'invoke', op, ...invoke }, ...(end === undefined ? [] : [{ op, process: invoke.process, ...end }])];
  });
  const last: Final = { type: 'final', time: 1000, rows: final };
  return [head, ...entries, last].map((entry) => `${JSON.stringify(entry)}\n`).join('');
}

export const verdictOf = (operations: readonly Told[], final: readonly Shown[]): HistoryVerdict => checkHistory(linesOf(operations, final));

/** The sentences of what is wrong, with their kinds. */
export const wrongIn = (operations: readonly Told[], final: readonly Shown[]): readonly string[] => verdictOf(operations, final).wrong.map(({ kind, text }) => `${kind}: ${text}`);

/** The kinds of what is wrong, each once. */
export const kindsIn = (operations: readonly Told[], final: readonly Shown[]): readonly string[] => [...new Set(verdictOf(operations, final).wrong.map(({ kind }) => kind))].sort();
