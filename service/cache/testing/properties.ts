import { extentOf, type PageRequest } from '../../reads/pages.ts';
import type { Change, Extent, Fill, Row, SoldTime } from '../../ports.ts';

/** Properties, as far as the order of the list goes: id → sold time. */
export type Rows = ReadonlyMap<number, SoldTime>;

/** So few times that many properties have the same. */
const TIMES = 6;
const START: SoldTime = 20160500000000;

/** What a change makes of the properties. */
export function applied(rows: Rows, { id, to }: Change): Rows {
  const after = new Map(rows);
  if (to === undefined) after.delete(id);
  else after.set(id, to);
  return after;
}

/**
 * A creation, most often, or something about one of the latest properties, which others may be about too.
 * @param newId never used before, as MySQL's are within an epoch
 */
export function someChange(rows: Rows, newId: number, random: () => number): Change {
  const someTime = (): SoldTime => {
    const day = Math.floor(random() * TIMES);
    return day === 0 ? 0 : START + day * 1_000_000;
  };
  const ids = [...rows.keys()].slice(-5);
  const id = ids[Math.floor(random() * ids.length)];
  const chance = random();
  if (id === undefined || chance < 0.4) return { id: newId, to: someTime() };
  const from = rows.get(id) ?? 0;
  return chance < 0.85 ? { id, from, to: chance < 0.5 ? from : someTime() } : { id, from };
}

const LIMIT = 3;
const PAGES: Readonly<Record<string, PageRequest>> = {
  first: { start: 0, limit: LIMIT },
  second: { start: LIMIT, limit: LIMIT },
  far: { start: 40, limit: LIMIT },
  behind: { after: { soldTime: '2016-05-02 00:00:00', id: 4 }, limit: LIMIT },
  'behind the unsold': { after: { soldTime: null, id: 9 }, limit: LIMIT },
};
/** Every page's key. */
export const KEYS: readonly string[] = [...Object.keys(PAGES), 'property 1', 'property 3', 'property 12'];

/** One of the pages; the first one as often as all others. */
export const someKey = (random: () => number): string => (random() < 0.5 ? 'first' : KEYS[Math.floor(random() * KEYS.length)] ?? 'first');

const textOf = (time: SoldTime): string | null => (time === 0 ? null : `${String(time).slice(0, 4)}-${String(time).slice(4, 6)}-${String(time).slice(6, 8)} 00:00:00`);
const timeOf = (text: string | null): SoldTime => (text === null ? 0 : Number(text.replaceAll(/\D/g, '')));

/** The rows that MySQL would give, one more than the page shows. */
function rowsOf(request: PageRequest, rows: Rows): readonly Row[] {
  const list = [...rows].map(([id, time]) => ({ id, time })).toSorted((a, b) => a.time - b.time || a.id - b.id);
  const from = 'after' in request
    ? list.findIndex(({ id, time }) => time > timeOf(request.after.soldTime) || (time === timeOf(request.after.soldTime) && id > request.after.id))
    : request.start;
  return (from < 0 ? [] : list.slice(from, from + request.limit + 1)).map(({ id, time }) => ({ id, sold_time: textOf(time) }));
}

/** What a page shows of these properties, and what it rests on. */
function pageOf(key: string, rows: Rows): { readonly shows: string; readonly extent: Extent } {
  const request = PAGES[key];
  if (request === undefined) {
    const id = Number(key.replace('property ', ''));
    return { shows: String(rows.get(id)), extent: { kind: 'property', id } };
  }
  const found = rowsOf(request, rows);
  return { shows: JSON.stringify([found.slice(0, request.limit), found.length > request.limit]), extent: extentOf(request, found) };
}

/** What a page shows of these properties. */
export const showsOf = (key: string, rows: Rows): string => pageOf(key, rows).shows;

/** What it rests on. */
export const extentFor = (key: string, rows: Rows): Extent => pageOf(key, rows).extent;

/** Makes a page of a model's state, which is all that its `select` gives. */
export const fillOf = (key: string): Fill => async (select) => {
  const [row] = await select('', []);
  const { index, rows } = (row as { readonly state: { readonly index: number; readonly rows: Rows } }).state;
  const { shows, extent } = pageOf(key, rows);
  return { page: JSON.stringify({ at: index, shows }), extent };
};
