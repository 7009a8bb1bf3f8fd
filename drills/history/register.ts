import { etagOf, type Operations, type Write } from './operations.ts';
import { firstUnexplained, linearize, type Decision, type Model, type Timed } from './linearizable.ts';

/** A row as a sequential thing: not created yet, a value, or deleted. */
export type State = number | 'new' | 'gone';

/** What was asked of a row, and answered. */
export type Input =
  | { readonly f: 'create'; readonly value: number }
  | { readonly f: 'read'; readonly value: number | null }
  | {
    readonly f: 'change';
    /** Null: a deletion. */
    readonly value: number | null;
    /** The value that the write insisted on; null: any. */
    readonly expects: number | null;
    /** Null: unknown. */
    readonly answer: 'done' | 'not found' | 'precondition failed' | null;
  };

/** One row of the service: created once, then read, replaced, deleted, each by its id. */
export const REGISTER: Model<State, Input> = {
  initial: 'new',
  apply: (state, input) => {
    if (input.f === 'create') return state === 'new' ? { state: input.value } : 'impossible';
    if (input.f === 'read') return input.value === valueIn(state) ? { state } : 'impossible';
    return changed(state, input);
  },
  unanswered: (input) => (input.f === 'read' ? null : input.f === 'create' ? input : { ...input, answer: null }),
  textOf: String,
};

const valueIn = (state: State): number | null => (typeof state === 'number' ? state : null);

function changed(state: State, { value, expects, answer }: Input & { f: 'change' }): { readonly state: State } | 'impossible' {
  const found = typeof state !== 'number' ? 'not found' : expects === null || expects === state ? 'done' : 'precondition failed';
  if (answer !== null && answer !== found) return 'impossible';
  return { state: found === 'done' ? (value ?? 'gone') : state };
}

/** What came of the search for one row. */
export interface RowDecision {
  readonly row: string;
  readonly decision: Decision;
  /** A sentence, when there is no order. */
  readonly text: string;
}

/**
 * Looks for an order of each row's operations: writes with their answers, reads by id whose headers allow no older answer,
 * and what stands in the table in the end.
 */
export function decideRows(operations: Operations): readonly RowDecision[] {
  const inputs = inputsByRow(operations);
  return [...inputs].map(([row, timed]) => {
    const decision = linearize(REGISTER, timed);
    return { row, decision, text: decision === 'impossible' ? sentence(operations.marker, row, timed) : '' };
  });
}

function inputsByRow({ writes, reads, final, finalMs, etags }: Operations): ReadonlyMap<string, readonly Timed<Input>[]> {
  const rows = new Map<string, Timed<Input>[]>();
  const put = (row: string, timed: Timed<Input>): void => {
    const list = rows.get(row) ?? [];
    list.push(timed);
    rows.set(row, list);
  };
  for (const write of writes) {
    const input = inputOf(write, etags);
    if (input !== null) put(write.row, { input, invokeMs: write.invokeMs, endMs: write.outcome === 'unknown' ? Infinity : write.endMs });
  }
  for (const { row, fresh, shown, invokeMs, endMs } of reads) {
    if (row !== null && fresh === null && rows.has(row)) put(row, { input: { f: 'read', value: shown[0]?.[2] ?? null }, invokeMs, endMs });
  }
  const standing = new Map(final.map(([, row, value]) => [row, value]));
  for (const row of rows.keys()) put(row, { input: { f: 'read', value: standing.get(row) ?? null }, invokeMs: finalMs, endMs: finalMs + 1 });
  return rows;
}

/** Null: it says nothing of the row. */
function inputOf({ f, row, value, ifMatch, outcome, status }: Write, etags: Operations['etags']): Input | null {
  if (f === 'create') return outcome === 'fail' || value === null ? null : { f, value };
  const expects = ifMatch === null ? null : (etags.get(etagOf(row, ifMatch)) ?? null);
  // An ETag that no answer explains: then nothing can be said of a write that insists on it.
  if (ifMatch !== null && expects === null && outcome === 'fail') return null;
  const change = { f: 'change', value, expects } as const;
  if (outcome !== 'fail') return { ...change, answer: outcome === 'ok' ? 'done' : null };
  if (status === 404) return { ...change, answer: 'not found' };
  return status === 412 ? { ...change, answer: 'precondition failed' } : null;
}

const SHOWN_BEFORE = 8;

function sentence(marker: string, row: string, timed: readonly Timed<Input>[]): string {
  const first = firstUnexplained(REGISTER, timed);
  if (first === undefined) return `Row ${row} of "${marker}": no order explains its operations.`;
  const before = timed.filter((one) => one !== first && one.invokeMs <= first.endMs).sort((a, b) => a.invokeMs - b.invokeMs).slice(-SHOWN_BEFORE);
  return `Row ${row} of "${marker}": no order explains ${words(first)}, after ${before.map(words).join(', ')}.`;
}

function words({ input, invokeMs, endMs }: Timed<Input>): string {
  const when = `${invokeMs}–${endMs === Infinity ? '?' : endMs}`;
  if (input.f === 'create') return `create ${input.value} (${when})`;
  if (input.f === 'read') return `read ${input.value ?? 'nothing'} (${when})`;
  const verb = input.value === null ? 'delete' : `replace by ${input.value}`;
  return `${verb}${input.expects === null ? '' : ` if ${input.expects}`} → ${input.answer ?? 'unknown'} (${when})`;
}
