import type { Middleware } from 'koa';
import type { PageRequest } from '../reads/pages.ts';
import type { CursorCodec } from './cursor.ts';
import { type FieldError, invalid } from './problem.ts';

const DEFAULT_LIMIT = 10;
const MOST = 100;
const KNOWN = new Set(['start', 'limit', 'after']);

/**
 * Reads the list's query.
 * @throws Problem 400 that names every wrong parameter
 */
export function readListQuery(querystring: string, cursors: CursorCodec): PageRequest {
  const parameters = new URLSearchParams(querystring);
  const errors: FieldError[] = [];
  const wrong = (field: string, detail: string): void => void errors.push({ field, pointer: '', detail });
  for (const name of new Set(parameters.keys())) {
    if (!KNOWN.has(name)) wrong(name, 'is not a parameter of this list');
    else if (parameters.getAll(name).length > 1) wrong(name, 'must be given once');
  }
  const limit = wholeNumber(parameters.get('limit'), DEFAULT_LIMIT);
  if (!(limit >= 1 && limit <= MOST)) wrong('limit', `must be a whole number from 1 to ${MOST}`);
  const start = wholeNumber(parameters.get('start'), 0);
  if (!(start >= 0)) wrong('start', `must be a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`);
  const after = parameters.get('after');
  const cursor = after === null ? undefined : cursors.read(after);
  if (after !== null && cursor === undefined) wrong('after', 'must be a cursor from the Link header of this list');
  if (after !== null && parameters.has('start')) wrong('start', 'cannot be given beside after');
  if (errors.length > 0) throw invalid(400, errors.map(({ field, detail }) => ({ field, pointer: '', detail })));
  return cursor === undefined ? { limit, start } : { limit, after: cursor };
}

/**
 * Only the list has parameters: elsewhere one is a mistake that nobody would notice.
 * @throws Problem 400 that names every one
 */
export const noParameters: Middleware = (ctx, next) => {
  const names = [...new Set(new URLSearchParams(ctx.querystring).keys())];
  if (names.length > 0) throw invalid(400, names.map((field) => ({ field, pointer: '', detail: `is not a parameter of ${ctx.method} ${ctx.path}` })));
  return next();
};

/** NaN for whatever is not written as a whole number in the usual digits. */
function wholeNumber(text: string | null, fallback: number): number {
  if (text === null) return fallback;
  const value = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  return Number.isSafeInteger(value) ? value : NaN;
}
