import type { End, Invocation, Lines, Outcome, Shown } from './entry.ts';

/** A write as the checks see it: all attempts under one key are one. */
export interface Write {
  readonly f: 'create' | 'replace' | 'delete';
  readonly process: string;
  readonly row: string;
  /** Null: a deletion. */
  readonly value: number | null;
  readonly sold: string | null;
  readonly ifMatch: string | null;
  /** `fail` with a status was answered with it, after a look at the row; without one it was never sent. */
  readonly outcome: Outcome;
  readonly status: number | null;
  readonly invokeMs: number;
  /** Infinity: unknown, so that it may still happen. */
  readonly endMs: number;
  readonly id: number | null;
  /** Numbers of its attempts. */
  readonly ops: readonly number[];
}

/** An answer that shows rows: one by its id, or a page. */
export interface Read {
  readonly op: number;
  readonly process: string;
  readonly invokeMs: number;
  readonly endMs: number;
  /** The row that was asked for by its id; null: a page. */
  readonly row: string | null;
  /** In the answer's order; none: not found. */
  readonly shown: readonly Shown[];
  readonly fresh: string | null;
  readonly seen: boolean;
  readonly page: PageAsked | null;
}

export interface PageAsked {
  readonly start: number | null;
  readonly after: string | null;
  readonly limit: number;
  readonly next: string | null;
}

/** Everything that the checks look at. */
export interface Operations {
  readonly marker: string;
  readonly writes: readonly Write[];
  readonly reads: readonly Read[];
  /** What stands in the table in the end. */
  readonly final: readonly Shown[];
  readonly finalMs: number;
  /** ETag → value, by row, as far as answers told. */
  readonly etags: ReadonlyMap<string, number>;
  /** Sentences: answers that contradict each other in what does not depend on time. */
  readonly contradictions: readonly Contradiction[];
}

export interface Contradiction {
  readonly kind: 'duplicated' | 'replay';
  readonly text: string;
}

/** How an ETag is looked up: another row may have the same. */
export const etagOf = (row: string, etag: string): string => `${row}\n${etag}`;

/** Puts the lines of a history together. */
export function operationsIn(lines: Lines): Operations {
  const names = new Names(lines);
  const attempts = lines.invocations.map((invocation) => ({ invocation, end: lines.ends.get(invocation.op) }));
  const written = attempts.filter(({ invocation }) => invocation.f !== 'read' && invocation.f !== 'page');
  const groups = [...Map.groupBy(written, ({ invocation: { key, op } }) => key ?? op).values()];
  const reads = attempts.flatMap(({ invocation, end }) => readOf(names, invocation, end));
  return {
    marker: lines.head.marker,
    writes: groups.flatMap((group) => writeOf(names, group)),
    reads, final: lines.final.rows, finalMs: lines.final.time,
    etags: etagsIn(names, attempts),
    contradictions: [...names.contradictions, ...groups.flatMap(replayed)],
  };
}

interface Attempt {
  readonly invocation: Invocation;
  readonly end: End | undefined;
}

/** Which row an id stands for. */
class Names {
  readonly #rows = new Map<number, string>();
  readonly #ids = new Map<string, number>();
  readonly contradictions: Contradiction[] = [];

  constructor({ invocations, ends, final }: Lines) {
    for (const { op, f, row } of invocations) {
      const end = ends.get(op);
      if (f === 'create' && row !== undefined && end?.type === 'ok' && end.id !== undefined) this.#learn([end.id, row, 0]);
      for (const shown of end?.rows ?? []) this.#learn(shown);
    }
    for (const shown of final.rows) this.#learn(shown);
  }

  rowOf(id: number): string | undefined {
    return this.#rows.get(id);
  }

  #learn([id, row]: Shown): void {
    if (row === null) return;
    const [knownRow, knownId] = [this.#rows.get(id) ?? row, this.#ids.get(row) ?? id];
    if (knownRow !== row) this.#contradict(`Id ${id} stands for row ${knownRow} and for row ${row}.`);
    if (knownId !== id) this.#contradict(`Row ${row} has the ids ${knownId} and ${id}.`);
    this.#rows.set(id, knownRow);
    this.#ids.set(row, knownId);
  }

  #contradict(text: string): void {
    if (!this.contradictions.some((one) => one.text === text)) this.contradictions.push({ kind: 'duplicated', text });
  }
}

/** An answer says whether it was done; one that was never sent says nothing of other attempts. */
const isAnswered = ({ end }: Attempt): boolean => end !== undefined && (end.type === 'ok' || (end.type === 'fail' && end.status !== undefined));

function writeOf(names: Names, attempts: readonly Attempt[]): readonly Write[] {
  const [first] = attempts;
  const id = first?.invocation.id ?? attempts.find(({ end }) => end?.id !== undefined)?.end?.id ?? null;
  const row = first?.invocation.row ?? (id === null ? undefined : names.rowOf(id));
  if (first === undefined || row === undefined) return [];
  const { f, process, value, sold, ifMatch } = first.invocation;
  const answered = attempts.filter(isAnswered);
  // Every answer to the same key tells of the same write: it was done before the first of them.
  const told = answered.find(({ end }) => end?.type === 'ok') ?? answered[0];
  const neverSent = attempts.every(({ end }) => end?.type === 'fail');
  return [{
    f: f as Write['f'], process, row, value: value ?? null, sold: sold ?? null, ifMatch: ifMatch ?? null,
    outcome: told?.end?.type ?? (neverSent ? 'fail' : 'unknown'), status: told?.end?.status ?? null,
    invokeMs: Math.min(...attempts.map(({ invocation }) => invocation.time)),
    endMs: told === undefined ? Infinity : Math.min(...answered.map(({ end }) => end?.time ?? Infinity)),
    id, ops: attempts.map(({ invocation }) => invocation.op),
  }];
}

/** Two answers to one key must be the same. */
function replayed(attempts: readonly Attempt[]): readonly Contradiction[] {
  const answers = new Set(attempts.filter(isAnswered).map(({ end }) => `${end?.status ?? ''} for id ${end?.id ?? '–'} with ETag ${end?.etag ?? '–'}`));
  if (answers.size < 2) return [];
  const { key, f } = attempts[0]?.invocation ?? {};
  return [{ kind: 'replay', text: `The key ${key ?? ''} of a ${f ?? ''} was answered in ${answers.size} ways: ${[...answers].join('; ')}.` }];
}

function readOf(names: Names, { f, op, process, time, id, seen, start, after, limit }: Invocation, end: End | undefined): readonly Read[] {
  if ((f !== 'read' && f !== 'page') || end?.type !== 'ok') return [];
  const row = id === undefined ? null : names.rowOf(id);
  if (row === undefined) return [];
  const page = f === 'read' ? null : { start: start ?? null, after: after ?? null, limit: limit ?? 10, next: end.next ?? null };
  return [{ op, process, invokeMs: time, endMs: end.time, row, shown: end.rows ?? [], fresh: end.fresh ?? null, seen: seen === true, page }];
}

/** What each ETag stands for: told by the answer to a write, and by a read of one row. */
function etagsIn(names: Names, attempts: readonly Attempt[]): ReadonlyMap<string, number> {
  const etags = new Map<string, number>();
  for (const { invocation, end } of attempts) {
    if (end?.type !== 'ok' || end.etag === undefined || invocation.f === 'page') continue;
    const id = invocation.id ?? end.id;
    const [row, value] = [id === undefined ? undefined : names.rowOf(id), invocation.value ?? end.rows?.[0]?.[2]];
    if (row !== undefined && value !== undefined) etags.set(etagOf(row, end.etag), value);
  }
  return etags;
}
