import type { Transaction } from './transaction.ts';

/** A growing set of GTIDs, with MySQL's text of it. */
export class GtidBag {
  /** By uuid: first and last number in turn, sorted. */
  readonly #ranges = new Map<string, number[]>();
  #text: string | undefined = '';
  /** The text of all servers before and after the one that was added to last. */
  #around: { readonly uuid: string; readonly before: string; readonly after: string } | undefined;

  /** MySQL's text form. */
  get text(): string {
    this.#text ??= this.#around === undefined ? this.#textOf([...this.#ranges.keys()].sort()) : this.#around.before + this.#textOf([this.#around.uuid]) + this.#around.after;
    return this.#text;
  }

  #textOf(uuids: readonly string[]): string {
    return uuids.map((uuid) => `${uuid}:${rangesText(this.#ranges.get(uuid) ?? [])}`).join(',');
  }

  /** From here on only this server's part changes. */
  #changes(uuid: string): void {
    this.#text = undefined;
    if (this.#around?.uuid === uuid) return;
    const uuids = [...this.#ranges.keys()].sort();
    const [before, after] = [uuids.filter((one) => one < uuid), uuids.filter((one) => one > uuid)];
    this.#around = { uuid, before: before.length === 0 ? '' : `${this.#textOf(before)},`, after: after.length === 0 ? '' : `,${this.#textOf(after)}` };
  }

  get isEmpty(): boolean {
    return this.#ranges.size === 0;
  }

  has({ uuid, number }: Pick<Transaction, 'uuid' | 'number'>): boolean {
    const ranges = this.#ranges.get(uuid);
    if (ranges === undefined) return false;
    for (let at = ranges.length - 2; at >= 0; at -= 2) {
      if ((ranges[at] ?? 0) <= number) return number <= (ranges[at + 1] ?? 0);
    }
    return false;
  }

  add({ uuid, number }: Pick<Transaction, 'uuid' | 'number'>): void {
    const ranges = this.#ranges.get(uuid);
    this.#changes(uuid);
    if (ranges === undefined) {
      this.#ranges.set(uuid, [number, number]);
      return;
    }
    const end = ranges.length - 1;
    if (ranges[end] === number - 1) ranges[end] = number;
    else insert(ranges, number);
  }

  /** Takes all of another. */
  addAll(other: GtidBag): void {
    for (const [uuid, ranges] of other.#ranges) {
      if (this.#ranges.has(uuid)) for (let at = 0; at < ranges.length; at += 2) this.#addRange(uuid, ranges[at] ?? 0, ranges[at + 1] ?? 0);
      else this.#ranges.set(uuid, [...ranges]);
    }
    this.#text = this.#around = undefined;
  }

  #addRange(uuid: string, first: number, last: number): void {
    for (let number = first; number <= last; number += 1) if (!this.has({ uuid, number })) this.add({ uuid, number });
  }

  clear(): void {
    this.#ranges.clear();
    this.#text = '';
    this.#around = undefined;
  }

  copy(): GtidBag {
    const copy = new GtidBag();
    copy.addAll(this);
    return copy;
  }

  /** The lowest number of a server that is not in it. */
  free(uuid: string): number {
    const ranges = this.#ranges.get(uuid) ?? [];
    return ranges[0] === 1 ? (ranges[1] ?? 0) + 1 : 1;
  }

  /** The highest number of a server, 0 when there is none. */
  highest(uuid: string): number {
    return this.#ranges.get(uuid)?.at(-1) ?? 0;
  }

  /** Whether all of it is in one of the others. */
  isWithin(...others: readonly GtidBag[]): boolean {
    for (const [uuid, ranges] of this.#ranges) {
      for (let at = 0; at < ranges.length; at += 2) if (!inside(uuid, [ranges[at] ?? 0, ranges[at + 1] ?? 0], others)) return false;
    }
    return true;
  }

  /** @internal for {@link inside} */
  covers(uuid: string, first: number, last: number): boolean {
    const ranges = this.#ranges.get(uuid) ?? [];
    for (let at = 0; at < ranges.length; at += 2) if ((ranges[at] ?? 0) <= first && last <= (ranges[at + 1] ?? 0)) return true;
    return false;
  }
}

function inside(uuid: string, [first, last]: readonly [number, number], others: readonly GtidBag[]): boolean {
  if (others.some((other) => other.covers(uuid, first, last))) return true;
  if (others.length < 2) return false;
  for (let number = first; number <= last; number += 1) if (!others.some((other) => other.has({ uuid, number }))) return false;
  return true;
}

function rangesText(ranges: readonly number[]): string {
  let text = '';
  for (let at = 0; at < ranges.length; at += 2) {
    const [first, last] = [ranges[at] ?? 0, ranges[at + 1] ?? 0];
    text += `${at === 0 ? '' : ':'}${first}${first === last ? '' : `-${last}`}`;
  }
  return text;
}

/** Puts a number that lies before the end where it belongs, and joins what touches. */
function insert(ranges: number[], number: number): void {
  let at = 0;
  while (at < ranges.length && (ranges[at + 1] ?? 0) < number) at += 2;
  if (at < ranges.length && (ranges[at] ?? 0) <= number) return;
  ranges.splice(at, 0, number, number);
  if (at + 2 < ranges.length && ranges[at + 2] === number + 1) ranges.splice(at + 1, 2);
  if (at > 0 && ranges[at - 1] === number - 1) ranges.splice(at - 1, 2);
}
