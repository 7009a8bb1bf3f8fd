import type { Shown } from './entry.ts';
import type { Operations, Read, Write } from './operations.ts';
import { ghosts, overlooked, what, type RowWrites, type Wrong } from './rows.ts';

/** What an answer's header allows it to be older than the last acknowledged write, in milliseconds; null: any. */
export interface Allowances {
  readonly [fresh: string]: number | null;
}

/**
 * As the README states it: nginx's page is of the current second, by its own clock, which it reads once per round of its
 * loop; what no Koa answers for and what a replica says while no primary is reached have no bound.
 */
export const ALLOWED: Allowances = { 'edge-cache': 1100, 'edge-stale': null, 'no-primary': null };

/** The answers that a client gets past with the cookie of its own write. */
const PAST_WITH_COOKIE = 'edge-cache';

/** Holds every answer against the writes: ghosts, answers older than they may be, own writes that are not seen, and pages in disorder. */
export function checkReads(operations: Operations, rows: ReadonlyMap<string, RowWrites>): readonly Wrong[] {
  const places = placesOf(operations.reads);
  const index = new SortedRows([...rows.values()]);
  return operations.reads.flatMap((read) => {
    const due = read.page === null ? rowAsked(read, rows) : new Set([...rowsShown(read, rows), ...index.due(read, places)]);
    return [...shownWrongly(read, rows), ...[...due].flatMap((row) => checkRow(read, row, read.shown.find(([, name]) => name === row.row)?.[2] ?? null))];
  });
}

const rowAsked = ({ row }: Read, rows: ReadonlyMap<string, RowWrites>): readonly RowWrites[] => {
  const found = row === null ? undefined : rows.get(row);
  return found === undefined ? [] : [found];
};

const rowsShown = ({ shown }: Read, rows: ReadonlyMap<string, RowWrites>): readonly RowWrites[] =>
  shown.flatMap(([, name]) => (name === null ? [] : [rows.get(name)])).filter((row) => row !== undefined);

/** What a read must not show for a row, whatever the time; and what it must not lack, given when it was sent. */
function checkRow(read: Read, row: RowWrites, shown: number | null): readonly Wrong[] {
  if (shown === null && row.mayLack(read.invokeMs)) return [];
  const stale = staleFor(read, row, shown);
  const own = stale === undefined ? ownWriteMissed(read, row, shown) : undefined;
  const seen = shown === null ? 'did not show it' : `showed value ${shown}`;
  return [
    ...(stale === undefined ? [] : [{ kind: 'stale', text: `Row ${row.row}: ${what(stale)} was acknowledged ${Math.round(read.invokeMs - stale.endMs)} ms before ${named(read)} ${seen}.` } as const]),
    ...(own === undefined ? [] : [{ kind: 'own write', text: `Row ${row.row}: ${read.process} had written ${what(own)} itself, and ${named(read)} ${seen}.` } as const]),
  ];
}

function staleFor(read: Read, row: RowWrites, shown: number | null): Write | undefined {
  const allowedMs = read.fresh === null ? 0 : (ALLOWED[read.fresh] ?? null);
  return allowedMs === null ? undefined : overlooked(row, shown, row.doneBefore(read.invokeMs - allowedMs), read.endMs);
}

function ownWriteMissed(read: Read, row: RowWrites, shown: number | null): Write | undefined {
  if (!read.seen || (read.fresh !== null && read.fresh !== PAST_WITH_COOKIE)) return undefined;
  return overlooked(row, shown, row.doneBefore(read.invokeMs).filter((write) => write.process === read.process), read.endMs);
}

const named = ({ op, process, fresh }: Read): string => `read ${op} of ${process}${fresh === null ? '' : ` (${fresh})`}`;

/** Rows that nobody wrote, values that came before they were sent, a row twice, and rows out of order. */
function shownWrongly(read: Read, rows: ReadonlyMap<string, RowWrites>): readonly Wrong[] {
  const ours = read.shown.filter((one): one is readonly [number, string, number] => one[1] !== null);
  const values = ours.flatMap(([id, name, value]) => {
    const row = rows.get(name);
    if (row === undefined) return [{ kind: 'ghost', text: `Id ${id}, in ${named(read)}, carries the marker, and nobody wrote it.` } as const];
    const early = (row.of(value)?.invokeMs ?? 0) > read.endMs;
    return [...ghosts(row, value, `was shown by ${named(read)}`), ...(early ? [{ kind: 'ghost', text: `Row ${name}: value ${value} was shown by ${named(read)} before it was sent.` } as const] : [])];
  });
  const twice = new Set(read.shown.map(([id]) => id)).size < read.shown.length ? [{ kind: 'duplicated', text: `A row stands twice in ${named(read)}.` } as const] : [];
  return [...values, ...twice, ...disorder(read, ours, rows)];
}

function disorder(read: Read, ours: readonly (readonly [number, string, number])[], rows: ReadonlyMap<string, RowWrites>): readonly Wrong[] {
  const sold = ours.map(([, name]) => rows.get(name)?.sold ?? '');
  const wrong = ours.find((_, index) => index > 0 && (sold[index] ?? '') < (sold[index - 1] ?? ''));
  return wrong === undefined ? [] : [{ kind: 'order', text: `In ${named(read)} row ${wrong[1]} stands after rows that sort behind it.` }];
}

/** The last row of the page that gave a cursor: the next page begins behind it. */
const placesOf = (reads: readonly Read[]): ReadonlyMap<string, Shown | undefined> =>
  new Map(reads.flatMap(({ page, shown }) => (page?.next === null || page?.next === undefined ? [] : [[page.next, shown.at(-1)] as const])));

/** All rows in the order of the list, to find those that belong on a page. */
class SortedRows {
  readonly #rows: readonly (RowWrites & { readonly sold: string })[];
  readonly #sold: ReadonlyMap<string, string>;

  constructor(rows: readonly RowWrites[]) {
    this.#rows = rows.filter((row): row is RowWrites & { readonly sold: string } => row.sold !== null).sort((a, b) => (a.sold < b.sold ? -1 : 1));
    this.#sold = new Map(this.#rows.map((row) => [row.row, row.sold]));
  }

  /** The rows that stand between the ends of a page, if they stand at all; beyond its last row of ours nothing is known. */
  due({ page, shown }: Read, places: ReadonlyMap<string, Shown | undefined>): readonly RowWrites[] {
    if (page === null) return [];
    const ours = shown.map(([, name]) => this.#soldOf(name)).filter((sold) => sold !== undefined);
    const [first, last] = [ours[0], ours.at(-1)];
    const behind = page.after === null ? undefined : this.#soldOf(places.get(page.after)?.[1] ?? null);
    const from = page.start === 0 ? '' : (behind ?? first);
    const to = shown.length < page.limit ? '~' : last;
    if (from === undefined || to === undefined) return [];
    // Where the page begins behind a row, or with one that stands at the same second as others, that one is not judged.
    return this.#between(from, to).filter((row) => row.sold !== behind && row.sold !== to);
  }

  #soldOf(name: string | null): string | undefined {
    return name === null ? undefined : this.#sold.get(name);
  }

  #between(from: string, to: string): readonly (RowWrites & { readonly sold: string })[] {
    const found: (RowWrites & { readonly sold: string })[] = [];
    for (let at = this.#firstFrom(from); at < this.#rows.length; at += 1) {
      const row = this.#rows[at];
      if (row === undefined || row.sold > to) break;
      found.push(row);
    }
    return found;
  }

  #firstFrom(sold: string): number {
    let [low, high] = [0, this.#rows.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#rows[middle]?.sold ?? '') < sold) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
