import type { Preconditions } from '../write/command.ts';
import { Problem } from './problem.ts';

const OURS = /^"([0-9a-f]{32})"$/;

/** `AB…` → `"ab…"`. */
export const quoteEtag = (hex: string): string => `"${hex.toLowerCase()}"`;

/** A comma within quotes is part of a tag. */
const TAG = /(?:W\/)?"[^"]*"/g;

const tags = (header: string): readonly string[] => header.match(TAG) ?? [];
const isAny = (header: string): boolean => header.trim() === '*';

/** A procedure's parameter has room for so many; nobody has more versions of one property at hand. */
const MOST = 100;

/** Strong comparison: a weak tag matches nothing (RFC 9110, 13.1.1). */
const strong = (header: string): '*' | readonly string[] =>
  isAny(header) ? '*' : tags(header).flatMap((tag) => OURS.exec(tag)?.[1]?.toUpperCase() ?? []);

/** Weak comparison: `W/` does not matter (RFC 9110, 13.1.2). */
const weak = (header: string): '*' | readonly string[] => strong(header.replaceAll('W/"', '"'));

/** Whether a header's text is `*`, or tags separated by commas (RFC 9110, 13.1.1). */
function isList(header: string): boolean {
  const elements = header.replaceAll(TAG, '""').split(',').map((element) => element.trim()).filter((element) => element !== '');
  return isAny(header) || (elements.length > 0 && elements.every((element) => element === '""'));
}

/** A write whose condition is not understood must not be done as if it held. */
function checked(name: string, header: string, compare: typeof strong): '*' | readonly string[] {
  if (!isList(header)) throw new Problem(400, { detail: `${name} must be *, or entity tags in their quotes, separated by commas` });
  const found = compare(header);
  if (found.length > MOST) throw new Problem(400, { detail: `${name} has ${found.length} entity tags; at most ${MOST} are possible` });
  return found;
}

/**
 * Reads the preconditions of a write; undefined is an absent header.
 * @throws Problem 400 for what is neither `*` nor a list of tags
 */
export const readPreconditions = (ifMatch: string | undefined, ifNoneMatch: string | undefined): Preconditions => ({
  ...(ifMatch === undefined ? {} : { ifMatch: checked('If-Match', ifMatch, strong) }),
  ...(ifNoneMatch === undefined ? {} : { ifNoneMatch: checked('If-None-Match', ifNoneMatch, weak) }),
});

/** True when the client has this representation already. */
export function isKnown(ifNoneMatch: string, etag: string): boolean {
  if (ifNoneMatch === '') return false;
  const known = weak(ifNoneMatch);
  return known === '*' || known.includes(etag);
}
