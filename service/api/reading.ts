import type { Context, Middleware } from 'koa';
import { API_PATH, HTTP } from '../../common/names.ts';
import { isUnavailable, type Fill, type PageReader } from '../ports.ts';
import { type Page, fillList, fillProperty, listKey, propertyKey, readPageText } from '../reads/pages.ts';
import type { SeenCookie } from './cookie.ts';
import type { CursorCodec } from './cursor.ts';
import { Deadline } from './deadline.ts';
import { readEdge } from './edge.ts';
import { isKnown, quoteEtag } from './etag.ts';
import { Keeping } from './keeping.ts';
import { PageTexts } from './page-texts.ts';
import { Problem } from './problem.ts';
import { readListQuery } from './query.ts';

/** What reads need. */
export interface ReadingParts {
  readonly reader: PageReader;
  readonly cursors: CursorCodec;
  readonly cookie: SeenCookie;
  /** Milliseconds for one read. */
  readonly deadlineMs: number;
}

/**
 * A process that can read nothing may be the only one, cut off with its node: until the edge has held the request so long
 * it asks the next one, as for a write. What is left of ten seconds is for the last attempt.
 */
const HANDED_ON_UNTIL_MS = 6000;

/** `GET /api/property`. */
export const getList = (parts: ReadingParts): Middleware => {
  const texts = new PageTexts(parts.cursors);
  const keeping = new Keeping();
  return async (ctx) => {
    const request = readListQuery(ctx.querystring, parts.cursors);
    const page = texts.read(await read(ctx, parts, listKey(request), fillList(request)));
    if (page === undefined) throw new Error('A page of the list was empty text: the cache gave back what no fill wrote');
    if (page.after !== undefined) ctx.append('link', `<${API_PATH}?limit=${request.limit}&after=${page.after}>; rel="next"`);
    answer(ctx, page, keeping);
  };
};

/** `GET /api/property/ID`. */
export const getProperty = (parts: ReadingParts): Middleware => {
  const keeping = new Keeping();
  return async (ctx) => {
    const id = propertyId(ctx);
    const page = readPageText(await read(ctx, parts, propertyKey(id), fillProperty(id)));
    if (page === undefined) throw noProperty(id);
    answer(ctx, page, keeping);
  };
};

/**
 * The path's id.
 * @throws Problem 404 when there can be no such property
 */
export function propertyId(ctx: Context): number {
  const text = String((ctx as Context & { params: Record<string, string> }).params['id']);
  const id = /^[1-9]\d{0,15}$/.test(text) ? Number(text) : NaN;
  if (!Number.isSafeInteger(id)) throw new Problem(404, { detail: 'There is no such property: ids are whole numbers from 1' });
  return id;
}

export const noProperty = (id: number): Problem => new Problem(404, { detail: `There is no property ${id}` });

async function read(ctx: Context, { reader, cookie, deadlineMs }: ReadingParts, key: string, fill: Fill): Promise<string> {
  const seen = cookie.read(ctx.headers.cookie);
  using deadline = new Deadline(deadlineMs);
  const { page, freshness } = await reader.readPage(key, fill, { signal: deadline.signal, ...(seen && { seen }) }).catch((error: unknown) => handOn(ctx, error));
  if (freshness !== undefined) ctx.set(HTTP.freshness, freshness);
  return page;
}

/** The edge asks the next process; whoever is no edge sees an honest 503. */
function handOn(ctx: Context, error: unknown): never {
  if (isUnavailable(error) && (readEdge(ctx)?.waitedMs ?? Infinity) <= HANDED_ON_UNTIL_MS) ctx.set(HTTP.accelRedirect, HTTP.againLocation);
  throw error;
}

function answer(ctx: Context, { body, etag }: Page, keeping: Keeping): void {
  ctx.set('etag', quoteEtag(etag));
  // For browsers: keep it, but ask whether it is still so. An edge keeps it for as long as it said itself.
  ctx.set('cache-control', 'no-cache');
  const until = ctx.get(HTTP.edgeUntil);
  if (/^@\d{1,12}$/.test(until) && keeping.tells(`${ctx.get('host')}${ctx.url}`, performance.now())) ctx.set(HTTP.accelExpires, until);
  if (isKnown(ctx.get('if-none-match'), etag)) {
    ctx.status = 304;
    return;
  }
  ctx.type = 'application/json';
  ctx.body = body;
}
