import { API_PATH, HTTP } from '../../common/names.ts';
import type { Answer, Question } from './client.ts';
import type { Kind } from './history.ts';

/** A request that a contender is about to send. */
export interface Move {
  readonly kind: Kind;
  readonly question: Question;
  /** Statuses that are no failure. */
  readonly expected: readonly number[];
  /** The row that it is about; null: a page. */
  readonly row: SharedRow | null;
}

/** A row that several clients write. */
interface SharedRow {
  readonly row: number;
  /** Null until its creation was answered. */
  id: number | null;
  /** Of the last answer that showed it to anybody. */
  etag: string | null;
}

/** What one contender remembers. */
interface Memory {
  /** Of its own last write. */
  cookie: string | null;
  /** A keyed write that was answered, to be asked again. */
  answered: Move | null;
  /** A keyed write whose answer is not known, and how often it was sent. */
  unclear: { readonly move: Move; readonly sent: number } | null;
  /** Path of the page after the last one that it has read. */
  nextPage: string | null;
}

/** So many rows are written by all contenders at once. */
const SHARED_ROWS = 4;

/** A client whose write was not answered asks so often in all what became of it. */
const MOST_SENT = 3;

/** Sorts before every other row of a load, so that the first pages show these. */
const LATEST_SOLD_MS = Date.UTC(1935, 0, 1);

/** 404 when somebody else has deleted it, 412 when somebody else has replaced it: both are answers. */
const REFUSED = [404, 412] as const;

/** Out of a hundred: what a contender does next, if nothing is owed. */
const SHARES = { read: 38, replace: 30, delete: 4, replay: 12 } as const;

/** The address of a row that is shared; what stands after the marker is no number of a row with one writer. */
export const sharedAddress = (marker: string, row: number): string => `${marker}/shared ${row}`;

/**
 * Decides what clients ask that write the same rows: replacements and deletions, half of them with If-Match, reads, pages by
 * offset and cursor, and their own keys again. It sends nothing itself. Every value is written once, so that what is read
 * tells which write made it.
 */
export class Contention {
  readonly #marker: string;
  readonly #random: () => number;
  readonly #rows: (SharedRow | null)[] = Array.from({ length: SHARED_ROWS }, () => null);
  readonly #memories = new Map<string, Memory>();
  #lastRow = 0;
  #lastValue = 0;

  /**
   * @param marker what every address begins with
   * @param random numbers from 0 to below 1
   */
  constructor(marker: string, random: () => number) {
    this.#marker = marker;
    this.#random = random;
  }

  /** What a contender asks next. */
  next(worker: string): Move {
    const memory = this.#memoryOf(worker);
    if (memory.unclear !== null) return memory.unclear.move;
    const slot = Math.floor(this.#random() * SHARED_ROWS);
    const row = this.#rows[slot] ?? null;
    if (row === null) return this.#create(slot);
    if (row.id === null) return this.#page(memory);
    return this.#about(row, row.id, memory);
  }

  /** Takes note of what was answered. */
  answered(worker: string, move: Move, answer: Answer): void {
    const memory = this.#memoryOf(worker);
    const isClear = answer.kind === 'whole' && answer.status < 500;
    const isKeyed = move.question.headers?.[HTTP.idempotencyKey] !== undefined;
    const sent = (memory.unclear?.sent ?? 0) + 1;
    memory.unclear = !isClear && isKeyed && sent < MOST_SENT ? { move, sent } : null;
    if (isClear && isKeyed) memory.answered = move;
    if (answer.kind === 'whole') this.#learn(memory, move, answer);
    if (!isClear && memory.unclear === null && move.kind === 'create') this.#giveUp(move.row);
  }

  #learn(memory: Memory, { kind, row }: Move, { status, headers, text }: Answer & { kind: 'whole' }): void {
    const cookie = headers['set-cookie']?.find((one) => one.startsWith(`${HTTP.seenCookie}=`))?.split(';')[0];
    if (cookie !== undefined) memory.cookie = cookie;
    if (kind === 'list') memory.nextPage = /<([^>]+)>;\s*rel="next"/.exec(String(headers['link'] ?? ''))?.[1] ?? null;
    if (row === null) return;
    if (kind === 'create' && status === 201) row.id ??= idIn(text);
    if (headers.etag !== undefined) row.etag = headers.etag;
    if (status === 404 || status === 204) this.#giveUp(row);
  }

  /** Another row takes its place. */
  #giveUp(row: SharedRow | null): void {
    const slot = this.#rows.indexOf(row);
    if (row !== null && slot >= 0) this.#rows[slot] = null;
  }

  #memoryOf(worker: string): Memory {
    const memory = this.#memories.get(worker) ?? { cookie: null, answered: null, unclear: null, nextPage: null };
    this.#memories.set(worker, memory);
    return memory;
  }

  #create(slot: number): Move {
    this.#lastRow += 1;
    const row: SharedRow = { row: this.#lastRow, id: null, etag: null };
    this.#rows[slot] = row;
    return { kind: 'create', row, expected: [201], question: { method: 'POST', path: API_PATH, headers: this.#keyed(1), body: this.#body(row) } };
  }

  #about(row: SharedRow, id: number, memory: Memory): Move {
    const path = `${API_PATH}/${id}`;
    const dice = this.#random() * 100;
    if (dice < SHARES.read) return { kind: 'read', row, expected: [200, 404], question: { method: 'GET', path, headers: cookieOf(memory) } };
    if (dice < SHARES.read + SHARES.replace) {
      return { kind: 'replace', row, expected: [200, ...REFUSED], question: { method: 'PUT', path, headers: this.#headers(row), body: this.#body(row) } };
    }
    if (dice < SHARES.read + SHARES.replace + SHARES.delete) {
      return { kind: 'delete', row, expected: [204, ...REFUSED], question: { method: 'DELETE', path, headers: this.#headers(row) } };
    }
    if (dice < SHARES.read + SHARES.replace + SHARES.delete + SHARES.replay && memory.answered !== null) return memory.answered;
    return this.#page(memory);
  }

  #page(memory: Memory): Move {
    const limit = 1 + Math.floor(this.#random() * 20);
    const dice = this.#random();
    const start = dice < 0.5 ? 0 : Math.floor(this.#random() * 50);
    const path = dice < 0.7 || memory.nextPage === null ? `${API_PATH}?start=${start}&limit=${limit}` : memory.nextPage;
    return { kind: 'list', row: null, expected: [200], question: { method: 'GET', path, headers: cookieOf(memory) } };
  }

  #headers(row: SharedRow): Readonly<Record<string, string>> {
    const condition: Record<string, string> = row.etag !== null && this.#random() < 0.5 ? { 'if-match': row.etag } : {};
    return { ...this.#keyed(0.7), ...condition };
  }

  /** Most bring a key of their own; for the others nginx makes one. */
  #keyed(share: number): Readonly<Record<string, string>> {
    this.#lastValue += 1;
    return this.#random() < share ? { [HTTP.idempotencyKey]: `${this.#marker}/${this.#lastValue}` } : {};
  }

  #body(row: SharedRow): unknown {
    this.#lastValue += 1;
    return {
      address: sharedAddress(this.#marker, row.row), suburb_name: 'Drill', property_type: 'House', land_size: this.#lastValue, price: 100_000,
      sold_time: new Date(LATEST_SOLD_MS - row.row * 1000).toISOString().replace('.000Z', '+00:00'),
    };
  }
}

const cookieOf = ({ cookie }: Memory): Readonly<Record<string, string>> => (cookie === null ? {} : { cookie });

/** Null for what is no property; that it is none counts as a failure elsewhere. */
function idIn(text: string): number | null {
  try {
    return (JSON.parse(text) as { id?: number } | null)?.id ?? null;
  } catch {
    return null;
  }
}
