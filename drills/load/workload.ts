import { API_PATH, HTTP } from '../../common/names.ts';
import type { Question } from './client.ts';
import type { Change, Kind, Sight, View } from './history.ts';

/** A request that a worker is about to send. */
export interface Task {
  readonly kind: Kind;
  readonly question: Question;
  /** Of writes. */
  readonly change: Change | null;
  /** Of a read of one row. */
  readonly asked: number | null;
  /** Of reads: how many rows are asked for. */
  readonly limit: number;
}

/** A row as its writer knows it. */
interface Known {
  readonly row: number;
  readonly id: number;
  readonly version: number;
}

/** How many of a writer's own rows it still changes, and how many rows the readers pick from. */
const KEPT_PER_WRITER = 8;
const KEPT_FOR_READERS = 256;

/** Rows sort by `sold_time`: a later row has an earlier one, so that the first page always shows the newest rows. */
const LATEST_SOLD_MS = Date.UTC(1975, 0, 1);

/** The address of a row of ours. */
export const addressOf = (marker: string, row: number): string => `${marker} ${row}`;

/**
 * The row that an address stands for.
 * @returns null for an address that is not of this marker
 */
export function rowOf(marker: string, address: string): number | null {
  const digits = address.startsWith(`${marker} `) ? address.slice(marker.length + 1) : '';
  return /^[1-9]\d*$/.test(digits) ? Number(digits) : null;
}

/** The property that is sent for a version of a row. The version stands in `land_size`. */
export const propertyOf = (marker: string, row: number, version: number): Readonly<Record<string, unknown>> => ({
  address: addressOf(marker, row),
  suburb_name: 'Drill',
  property_type: 'House',
  land_size: version,
  price: 100_000 + row,
  sold_time: new Date(LATEST_SOLD_MS - row * 1000).toISOString().replace('.000Z', '+00:00'),
});

/**
 * Decides what each worker asks next and remembers what was acknowledged. It sends nothing itself.
 *
 * A row belongs to one writer, and after an answer that is not clear its writer leaves it alone: of every row at most
 * the last version is in doubt.
 */
export class Workload {
  readonly #marker: string;
  readonly #random: () => number;
  #lastRow = 0;
  /** Rows that a writer may still change, by writer. */
  readonly #own = new Map<string, Known[]>();
  /** Acknowledged rows for the readers, the newest last. */
  readonly #shared: Known[] = [];
  #cookie: string | null = null;

  /**
   * @param marker what every address begins with
   * @param random numbers from 0 to below 1
   */
  constructor(marker: string, random: () => number = Math.random) {
    this.#marker = marker;
    this.#random = random;
  }

  /** Mostly a new row; now and then a replacement or a deletion of one of the writer's own. */
  nextWrite(worker: string): Task {
    const dice = this.#random();
    const known = dice < 0.3 ? this.#own.get(worker)?.shift() : undefined;
    if (known === undefined) return this.#create(worker);
    const change = { row: known.row, version: known.version + 1, id: known.id };
    this.#forget(known.row);
    const path = `${API_PATH}/${known.id}`;
    if (dice < 0.05) return { kind: 'delete', question: { method: 'DELETE', path }, change, asked: null, limit: 0 };
    const body = propertyOf(this.#marker, change.row, change.version);
    return { kind: 'replace', question: { method: 'PUT', path, body }, change, asked: null, limit: 0 };
  }

  /** Half pages, half single rows; every second one as a client that has just written, so that it gets past nginx's second. */
  nextRead(): Task {
    const headers: Record<string, string> = this.#cookie !== null && this.#random() < 0.5 ? { cookie: this.#cookie } : {};
    const known = this.#random() < 0.5 ? this.#shared[Math.floor(this.#random() * this.#shared.length)] : undefined;
    if (known !== undefined) {
      return { kind: 'read', question: { method: 'GET', path: `${API_PATH}/${known.id}`, headers }, change: null, asked: known.row, limit: 1 };
    }
    const limit = 1 + Math.floor(this.#random() * 20);
    return { kind: 'list', question: { method: 'GET', path: `${API_PATH}?start=0&limit=${limit}`, headers }, change: null, asked: null, limit };
  }

  /**
   * Takes note of an acknowledged write.
   * @param cookie the `name=value` that the answer set for a client that has just written, or null
   */
  acknowledged(worker: string, task: Task, id: number, cookie: string | null): void {
    if (cookie !== null) this.#cookie = cookie;
    if (task.change === null || task.kind === 'delete') return;
    const known = { row: task.change.row, id, version: task.change.version };
    const own = this.#own.get(worker) ?? [];
    own.push(known);
    this.#own.set(worker, own.slice(-KEPT_PER_WRITER));
    this.#shared.push(known);
    if (this.#shared.length > KEPT_FOR_READERS) this.#shared.shift();
  }

  #create(worker: string): Task {
    this.#lastRow += 1;
    const change = { row: this.#lastRow, version: 1, id: null };
    const body = propertyOf(this.#marker, change.row, change.version);
    // Half of the clients bring a key of their own; for the others nginx makes one.
    const headers: Record<string, string> = change.row % 2 === 0 ? { [HTTP.idempotencyKey]: `${this.#marker}-${worker}-${change.row}` } : {};
    return { kind: 'create', question: { method: 'POST', path: API_PATH, headers, body }, change, asked: null, limit: 0 };
  }

  #forget(row: number): void {
    const index = this.#shared.findIndex((known) => known.row === row);
    if (index >= 0) this.#shared.splice(index, 1);
  }
}

/**
 * What an answer to a read showed.
 * @param body a property, a list of properties, or anything else when nothing was found
 * @param marked whether its headers allow it to be older
 */
export function viewOf(marker: string, task: Task, body: unknown, marked: boolean): View {
  const items: readonly unknown[] = Array.isArray(body) ? body : [body];
  const sights = items.map((item) => sightOf(marker, item)).filter((sight) => sight !== null);
  return { sights, asked: task.asked, limit: task.limit, length: items.length, marked };
}

function sightOf(marker: string, item: unknown): Sight | null {
  if (typeof item !== 'object' || item === null) return null;
  const { address, land_size: version } = item as { address?: unknown; land_size?: unknown };
  const row = typeof address === 'string' ? rowOf(marker, address) : null;
  return row === null ? null : { row, version: Number(version) };
}
