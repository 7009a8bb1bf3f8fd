import { hash } from 'node:crypto';
import { COLUMNS, fromRow, represent } from '../api/property.ts';
import type { Cursor } from '../api/cursor.ts';
import { END, START, soldTime } from '../cache/extent.ts';
import type { Extent, Fill, Place, Row, Select } from '../ports.ts';

/** Which part of the list: from an offset, or behind a cursor. */
export type PageRequest = { readonly limit: number } & ({ readonly start: number } | { readonly after: Cursor });

/** A page as it is answered. */
export interface Page {
  /** JSON text. */
  readonly body: string;
  /** Upper-case hexadecimal. */
  readonly etag: string;
  /** The last property's place, when more follow. */
  readonly next?: Cursor;
}

/** Names a page of the list for the cache. */
export const listKey = (page: PageRequest): string =>
  'after' in page ? `list:${page.limit}:after:${page.after.soldTime ?? ''}|${page.after.id}` : `list:${page.limit}:${page.start}`;

/** Names a property's page for the cache. */
export const propertyKey = (id: number): string => `id:${id}`;

/** Reads one more than is shown, to know whether more follow. */
export const fillList = (page: PageRequest): Fill => async (select) => {
  const rows = 'after' in page ? await behind(select, page.after, page.limit + 1) : await fromOffset(select, page.start, page.limit + 1);
  const properties = rows.slice(0, page.limit).map(fromRow);
  const body = `[${properties.map(({ id, values }) => represent(id, values)).join(',')}]`;
  const last = properties.at(-1);
  const next = rows.length > page.limit && last !== undefined ? { soldTime: last.values.sold_time, id: last.id } : undefined;
  return { page: toText({ body, etag: hash('sha256', body).slice(0, 32).toUpperCase(), ...(next && { next }) }), extent: extentOf(page, rows) };
};

/**
 * What a page of the list rests on.
 * @param rows with one more than are shown, where more follow
 */
export function extentOf(page: PageRequest, rows: readonly Row[]): Extent {
  const placeOf = (row: Row | undefined): Place | undefined => row && { time: soldTime(row['sold_time'] as string | null), id: Number(row['id']) };
  const last = (rows.length > page.limit ? placeOf(rows.at(-1)) : undefined) ?? END;
  if ('after' in page) return { kind: 'behind', first: { time: soldTime(page.after.soldTime), id: page.after.id }, last };
  return { kind: 'offset', first: placeOf(rows[0]) ?? START, last };
}

/** A property that does not exist is an empty text. */
export const fillProperty = (id: number): Fill => async (select) => {
  const [row] = await select(`SELECT ${COLUMNS}, HEX(etag) AS tag FROM property WHERE id = ?`, [id]);
  const page = row === undefined ? '' : toText({ body: represent(id, fromRow(row).values), etag: String(row['tag']) });
  return { page, extent: { kind: 'property', id } };
};

const ORDER = 'ORDER BY sold_time, id';
/** MySQL puts NULL before everything else, in the index as in the order: what was never sold comes first. */
const INDEX = 'property FORCE INDEX (property_by_sold_time)';

/** The rows that are skipped are read from the index alone. */
const fromOffset = (select: Select, start: number, count: number): Promise<readonly Row[]> =>
  select(`SELECT ${COLUMNS} FROM (SELECT id FROM ${INDEX} ${ORDER} LIMIT ? OFFSET ?) AS page JOIN property USING (id) ${ORDER}`, [count, start]);

/**
 * Begins where the cursor points, whatever lies before it. A range for the rest of the same time and one for the later
 * times, each read no further than the page: one condition over both would make the order a sort, or the start a scan.
 */
function behind(select: Select, { soldTime, id }: Cursor, count: number): Promise<readonly Row[]> {
  const [same, later, times] = soldTime === null ? ['sold_time IS NULL', 'sold_time IS NOT NULL', []] : ['sold_time = ?', 'sold_time > ?', [soldTime]];
  const part = (condition: string): string => `(SELECT ${COLUMNS} FROM ${INDEX} WHERE ${condition} ${ORDER} LIMIT ?)`;
  return select(`${part(`${same} AND id > ?`)} UNION ALL ${part(later)} ${ORDER} LIMIT ?`, [...times, id, count, ...times, count, count]);
}

const toText = ({ body, etag, next }: Page): string => `${etag}\n${next === undefined ? '' : `${next.soldTime ?? ''}|${next.id}`}\n${body}`;

/**
 * Reads what the fills wrote.
 * @returns undefined for a property that does not exist
 */
export function readPageText(text: string): Page | undefined {
  if (text === '') return undefined;
  const first = text.indexOf('\n');
  const second = text.indexOf('\n', first + 1);
  const [soldTime, id] = text.slice(first + 1, second).split('|');
  const next = id === undefined ? undefined : { soldTime: soldTime === undefined || soldTime === '' ? null : soldTime, id: Number(id) };
  return { etag: text.slice(0, first), body: text.slice(second + 1), ...(next && { next }) };
}
