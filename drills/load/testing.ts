import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { API_PATH, HTTP } from '../../common/names.ts';
import { rowOf } from './workload.ts';
import type { StoredRow } from '../verdict/check.ts';

/** A property as the tests' service keeps it. */
interface Property {
  readonly id: number;
  readonly address: string;
  readonly land_size: number;
  readonly sold_time: string;
}

/** How the tests' service misbehaves; each is asked once per write or read, and true means yes. */
export interface Faults {
  /** Says 201 and forgets the row. */
  readonly forget?: (address: string) => boolean;
  /** Says 201 and keeps the row twice. */
  readonly double?: (address: string) => boolean;
  /** Closes the connection without an answer, having kept the row. */
  readonly hangUp?: (address: string) => boolean;
  /** Answers a page as it was when it was first asked for. */
  readonly stale?: boolean;
  /** Carries out a request whose key it knows once more. */
  readonly forgetKeys?: boolean;
  /** Says 200 or 204 to a change of a shared row, and does nothing: one in so many. */
  readonly idle?: number;
}

/** A service over HTTP that keeps its properties in memory: what a load talks to when it is the load that is tested. */
export class MemoryService {
  readonly #faults: Faults;
  readonly #rows = new Map<number, Property>();
  readonly #oldPages = new Map<string, readonly Property[]>();
  readonly #server: Server;
  readonly #keys = new Map<string, readonly [number, Property | undefined]>();
  #lastId = 0;
  #asked = 0;
  #changes = 0;

  private constructor(faults: Faults) {
    this.#faults = faults;
    this.#server = createServer((request, response) => { this.#answer(request, response).catch(() => response.destroy()); });
  }

  /** Starts it on a free port of the loopback. */
  static async start(faults: Faults = {}): Promise<MemoryService> {
    const service = new MemoryService(faults);
    service.#server.listen(0, '127.0.0.1');
    await once(service.#server, 'listening');
    return service;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Requests that have reached it. */
  get asked(): number {
    return this.#asked;
  }

  /** All its rows. */
  get properties(): readonly Property[] {
    return [...this.#rows.values()];
  }

  /** Loses a row. */
  forget(id: number): void {
    this.#rows.delete(id);
  }

  /** Its rows of a marker with one writer each, as the checker reads them from the primary. */
  stored(marker: string): readonly StoredRow[] {
    const ours = this.properties.filter(({ address }) => address.startsWith(`${marker} `));
    return ours.map(({ id, address, land_size: version }) => ({ id, row: rowOf(marker, address), version }));
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#asked += 1;
    const { pathname, search, searchParams } = new URL(request.url ?? '', this.url);
    const id = Number(pathname.slice(API_PATH.length + 1));
    const key = request.headers[HTTP.idempotencyKey];
    const known = typeof key === 'string' && this.#faults.forgetKeys !== true ? this.#keys.get(key) : undefined;
    if (known !== undefined) return send(response, ...known);
    if (request.method === 'POST') return this.#create(await bodyOf(request), { key, response });
    if (request.method === 'GET' && id === 0) return send(response, 200, this.#page(search, Number(searchParams.get('limit'))));
    const answer = await this.#one(request, id);
    if (request.method !== 'GET' && typeof key === 'string') this.#keys.set(key, answer);
    send(response, ...answer);
  }

  async #one(request: IncomingMessage, id: number): Promise<readonly [number, Property | undefined]> {
    const body = request.method === 'PUT' ? await bodyOf(request) : undefined;
    const known = this.#rows.get(id);
    const expected = request.headers['if-match'];
    if (known === undefined) return [404, undefined];
    if (request.method === 'GET') return [200, known];
    if (expected !== undefined && expected !== etagOf(known)) return [412, undefined];
    this.#changes += known.address.includes('/shared') ? 1 : 0;
    const isIdle = this.#faults.idle !== undefined && this.#changes % this.#faults.idle === 0;
    if (body === undefined && !isIdle) this.#rows.delete(id);
    if (body !== undefined && !isIdle) this.#rows.set(id, { ...body, id });
    return body === undefined ? [204, undefined] : [200, { ...body, id }];
  }

  #create(body: Omit<Property, 'id'>, { key, response }: { key: unknown; response: ServerResponse }): void {
    const copies = this.#faults.double?.(body.address) === true ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      this.#lastId += 1;
      if (this.#faults.forget?.(body.address) !== true) this.#rows.set(this.#lastId, { ...body, id: this.#lastId });
    }
    if (typeof key === 'string') this.#keys.set(key, [201, { ...body, id: this.#lastId }]);
    if (this.#faults.hangUp?.(body.address) === true) response.destroy();
    else send(response, 201, { ...body, id: this.#lastId });
  }

  #page(query: string, limit: number): readonly Property[] {
    const now = [...this.#rows.values()].sort((a, b) => a.sold_time.localeCompare(b.sold_time)).slice(0, limit);
    if (this.#faults.stale !== true) return now;
    const old = this.#oldPages.get(query) ?? now;
    this.#oldPages.set(query, old);
    return old;
  }
}

async function bodyOf(request: IncomingMessage): Promise<Omit<Property, 'id'>> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return JSON.parse(text) as Omit<Property, 'id'>;
}

function send(response: ServerResponse, status: number, body: Property | readonly Property[] | undefined): void {
  const etag = body !== undefined && 'id' in body ? { etag: etagOf(body) } : {};
  response.writeHead(status, { 'content-type': 'application/json', ...etag });
  const sent = body ?? (status >= 400 ? { status } : undefined);
  response.end(sent === undefined ? undefined : JSON.stringify(sent));
}

const etagOf = ({ id, land_size: value }: Property): string => `"${id}-${value}"`;
