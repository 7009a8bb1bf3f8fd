import type { Change, Extent, Place, SoldTime } from '../ports.ts';

/** Before and behind every property. */
export const START: Place = { time: -1, id: 0 };
export const END: Place = { time: Infinity, id: 0 };

/** `2016-05-07 00:00:00` → 20160507000000; none: 0, before all others, as MySQL orders NULL. */
export const soldTime = (stored: string | null): SoldTime =>
  stored === null ? 0 : Number(stored.slice(0, 4) + stored.slice(5, 7) + stored.slice(8, 10) + stored.slice(11, 13) + stored.slice(14, 16) + stored.slice(17, 19));

const isUpTo = (time: SoldTime, id: number, place: Place): boolean => time < place.time || (time === place.time && id <= place.id);
const isFrom = (time: SoldTime, id: number, place: Place): boolean => time > place.time || (time === place.time && id >= place.id);

/**
 * True where a change may make another page of it. Of a change before a page at an offset: what is created or deleted
 * there moves all that follow, what only moves within what lies before does not.
 */
export function affects(change: Change, extent: Extent): boolean {
  if (extent.kind === 'everything') return true;
  if (extent.kind === 'property') return change.id === extent.id;
  return extent.kind === 'behind' ? isAt(change.id, change.from, extent) || isAt(change.id, change.to, extent) : moves(change, extent);
}

type Range = { readonly first: Place; readonly last: Place };

const isAt = (id: number, time: SoldTime | undefined, { first, last }: Range): boolean => time !== undefined && isFrom(time, id, first) && isUpTo(time, id, last);

function moves({ id, from, to }: Change, { first, last }: Range): boolean {
  const [one, other] = [from ?? to ?? 0, to ?? from ?? 0];
  if (!isUpTo(Math.min(one, other), id, last)) return false;
  return from === undefined || to === undefined || isFrom(Math.max(one, other), id, first);
}
