import type { Preconditions } from '../write/command.ts';

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
  isAny(header) ? '*' : tags(header).flatMap((tag) => OURS.exec(tag)?.[1]?.toUpperCase() ?? []).slice(0, MOST);

/** Weak comparison: `W/` does not matter (RFC 9110, 13.1.2). */
const weak = (header: string): '*' | readonly string[] => strong(header.replaceAll('W/"', '"'));

/** Reads the preconditions of a write; an empty header text is an absent one. */
export const readPreconditions = (ifMatch: string, ifNoneMatch: string): Preconditions => ({
  ...(ifMatch === '' ? {} : { ifMatch: strong(ifMatch) }),
  ...(ifNoneMatch === '' ? {} : { ifNoneMatch: weak(ifNoneMatch) }),
});

/** True when the client has this representation already. */
export function isKnown(ifNoneMatch: string, etag: string): boolean {
  if (ifNoneMatch === '') return false;
  const known = weak(ifNoneMatch);
  return known === '*' || known.includes(etag);
}
