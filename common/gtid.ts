/** Transaction numbers `first` to `last`, both included. */
export interface Interval {
  readonly first: number;
  readonly last: number;
}

/**
 * A set of GTIDs, immutable. The key is `UUID` or, for tagged transactions (MySQL 8.3 and newer), `UUID:TAG`, in lower
 * case; its intervals are sorted, apart from each other and never empty.
 */
export type GtidSet = ReadonlyMap<string, readonly Interval[]>;

/** The set without a transaction. */
export const EMPTY_GTID_SET: GtidSet = new Map();

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const TAG = /^[a-z_][a-z0-9_]{0,31}$/;
const NUMBERS = /^(\d+)(?:-(\d+))?$/;

/** Sets that were read last: all members of a cluster show the same texts again and again. */
const recent = new Map<string, GtidSet>();
const RECENT = 64;

/**
 * Reads MySQL's text form, such as `UUID:1-5:7:tag:1-3,UUID:…`, as `@@gtid_executed` shows it; line breaks are allowed.
 * @throws Error that names the part that is wrong
 */
export function parseGtidSet(text: string): GtidSet {
  const known = recent.get(text);
  if (known !== undefined) return known;
  const set = readSet(text);
  if (recent.size >= RECENT) recent.clear();
  recent.set(text, set);
  return set;
}

function readSet(text: string): GtidSet {
  const set = new Map<string, Interval[]>();
  for (const entry of text.toLowerCase().split(',')) {
    const part = entry.trim();
    if (part !== '') parseSource(part, set);
  }
  return normalised(set);
}

function parseSource(part: string, set: Map<string, Interval[]>): void {
  const [uuid = '', ...rest] = part.split(':').map((piece) => piece.trim());
  if (!UUID.test(uuid) || rest.length === 0) throw new Error(`Reading a GTID set: expected UUID:NUMBERS, not ${JSON.stringify(part)}`);
  let key = uuid;
  for (const piece of rest) {
    const interval = parseInterval(piece);
    if (interval === undefined && !TAG.test(piece)) throw new Error(`Reading a GTID set: expected a number, FIRST-LAST or a tag, not ${JSON.stringify(piece)}`);
    const intervals = set.get(key);
    if (interval === undefined) key = `${uuid}:${piece}`;
    else if (intervals === undefined) set.set(key, [interval]);
    else intervals.push(interval);
  }
}

function parseInterval(piece: string): Interval | undefined {
  const [, from, to] = NUMBERS.exec(piece) ?? [];
  if (from === undefined) return undefined;
  const [first, last] = [Number(from), Number(to ?? from)];
  if (first < 1 || last < first || !Number.isSafeInteger(last)) throw new Error(`Reading a GTID set: ${JSON.stringify(piece)} is no range from 1 up to 2^53`);
  return { first, last };
}

/** Sorts, and joins what touches or overlaps. */
function joined(intervals: readonly Interval[]): readonly Interval[] {
  if (intervals.every(({ first }, index) => index === 0 || first > (intervals[index - 1]?.last ?? 0) + 1)) return intervals;
  const result: Interval[] = [];
  for (const next of [...intervals].sort((a, b) => a.first - b.first)) {
    const before = result.at(-1);
    if (before === undefined || next.first > before.last + 1) result.push(next);
    else result[result.length - 1] = { first: before.first, last: Math.max(before.last, next.last) };
  }
  return result;
}

function normalised(set: ReadonlyMap<string, readonly Interval[]>): GtidSet {
  const result = new Map<string, readonly Interval[]>();
  for (const key of [...set.keys()].sort()) {
    const intervals = joined(set.get(key) ?? []);
    if (intervals.length > 0) result.set(key, intervals);
  }
  return result;
}

/** MySQL's text form: `UUID:1-5:7:tag:1-3,UUID:…`, without line breaks, sorted. The empty set is ''. */
export function formatGtidSet(set: GtidSet): string {
  const sources = new Map<string, string>();
  for (const [key, intervals] of [...set].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const [uuid = '', tag] = key.split(':');
    const numbers = intervals.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`)).join(':');
    sources.set(uuid, [sources.get(uuid) ?? uuid, ...(tag === undefined ? [] : [tag]), numbers].join(':'));
  }
  return [...sources.values()].join(',');
}

/** Every transaction that is in one of the sets. */
export function union(...sets: readonly GtidSet[]): GtidSet {
  const all = new Map<string, Interval[]>();
  for (const [key, intervals] of sets.flatMap((set) => [...set])) all.set(key, [...(all.get(key) ?? []), ...intervals]);
  return normalised(all);
}

/** Every transaction of `from` that is not in `what`. */
export function subtract(from: GtidSet, what: GtidSet): GtidSet {
  if (from === what) return EMPTY_GTID_SET;
  const rest = new Map<string, readonly Interval[]>();
  for (const [key, intervals] of from) {
    const holes = what.get(key) ?? [];
    const left = holes.length === 0 ? intervals : intervals.flatMap((interval) => cut(interval, holes));
    if (left.length > 0) rest.set(key, left);
  }
  return rest;
}

/** Every transaction that is in both. */
export const intersection = (a: GtidSet, b: GtidSet): GtidSet => subtract(a, subtract(a, b));

/**
 * Those transactions that one server made, tagged ones too.
 * @param uuid its `server_uuid`
 */
export const ofServer = (set: GtidSet, uuid: string): GtidSet => new Map([...set].filter(([key]) => key.split(':')[0] === uuid.toLowerCase()));

function cut(interval: Interval, holes: readonly Interval[]): readonly Interval[] {
  const parts: Interval[] = [];
  let first = interval.first;
  for (const hole of holes) {
    if (hole.last < first || hole.first > interval.last) continue;
    if (hole.first > first) parts.push({ first, last: hole.first - 1 });
    first = hole.last + 1;
  }
  return first <= interval.last ? [...parts, { first, last: interval.last }] : parts;
}

/** Whether every transaction of `inner` is in `outer`. */
export const contains = (outer: GtidSet, inner: GtidSet): boolean =>
  inner === outer || inner.entries().every(([key, intervals]) => {
    const holders = outer.get(key) ?? [];
    return intervals.every(({ first, last }) => holders.some((holder) => holder.first <= first && last <= holder.last));
  });

/** Whether both hold the same transactions. */
export const sameGtidSet = (a: GtidSet, b: GtidSet): boolean => contains(a, b) && contains(b, a);

/** How many transactions the set holds. */
export const count = (set: GtidSet): number => [...set.values()].flat().reduce((sum, { first, last }) => sum + last - first + 1, 0);

/**
 * The highest untagged transaction number of one server, 0 when it has none here.
 * @param uuid its `server_uuid`
 */
export const highest = (set: GtidSet, uuid: string): number => set.get(uuid.toLowerCase())?.at(-1)?.last ?? 0;
