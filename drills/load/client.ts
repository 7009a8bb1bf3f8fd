import { Agent, request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { Addresses } from './addresses.ts';
import type { Connection } from './history.ts';

/** What to ask of the service. */
export interface Question {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path with query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
}

/** A whole answer, or why there was none. */
export type Answer =
  | { readonly kind: 'whole'; readonly status: number; readonly headers: IncomingHttpHeaders; readonly text: string; readonly connection: Connection }
  | { readonly kind: 'broken'; readonly reason: string; readonly connection: Connection | null };

/** Hands out numbers for connections, and the drill's time. */
export interface Registry {
  /** Milliseconds on the drill's clock. */
  readonly now: () => number;
  readonly nextConnection: () => number;
}

/** After this without an answer to its connect a client goes to another address, if there is one; milliseconds. */
export const CONNECT_MS = 1000;

/** What became of a request at one address; `unreached`: nothing was sent, so that another address may be tried. */
type Attempt = Answer | { readonly kind: 'unreached'; readonly reason: string };

/**
 * One client of the edge: a single keep-alive connection, one request at a time. A request once sent is never sent again;
 * while no connection is had, every address is tried once.
 */
export class Client {
  readonly #addresses: Addresses;
  readonly #timeoutMs: number;
  readonly #registry: Registry;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #connections = new WeakMap<Socket, { id: number; openedMs: number; localPort: number | null; address: string }>();
  /** Where its connection leads. */
  #connected: string | null = null;

  /**
   * @param urls scheme, host and port of the edge's addresses, the preferred one first
   * @param timeoutMs after this without a whole answer the request counts as broken
   */
  constructor(urls: readonly string[], timeoutMs: number, registry: Registry) {
    this.#addresses = new Addresses(urls, registry.now);
    this.#timeoutMs = timeoutMs;
    this.#registry = registry;
  }

  /** Sends one request. Never throws: whatever goes wrong is an answer of the kind `broken`. */
  async ask(question: Question): Promise<Answer> {
    let reason = 'there is no address';
    for (const url of this.#choices()) {
      const attempt = await this.#askAt(url, question);
      this.#connected = attempt.kind === 'whole' ? url : null;
      if (attempt.kind !== 'whole') this.#addresses.leave(url);
      if (attempt.kind !== 'unreached') return attempt;
      reason = attempt.reason;
    }
    return { kind: 'broken', reason, connection: null };
  }

  /** Closes the connection. */
  close(): void {
    this.#agent.destroy();
  }

  /** Who has a connection keeps it. */
  #choices(): readonly string[] {
    const choices = this.#addresses.inOrder();
    return this.#connected === null ? choices : [this.#connected, ...choices.filter((url) => url !== this.#connected)];
  }

  #askAt(url: string, question: Question): Promise<Attempt> {
    const { hostname, port } = new URL(url);
    const payload = question.body === undefined ? undefined : JSON.stringify(question.body);
    const { promise, resolve } = Promise.withResolvers<Attempt>();
    let connection: Connection | null = null;
    const sent = request({
      host: hostname, port, path: question.path, method: question.method, headers: headersOf(question, payload), agent: this.#agent,
      signal: AbortSignal.timeout(this.#timeoutMs),
    });
    const broken = (error: Error & { code?: string }): void => {
      const reason = error.name === 'TimeoutError' || error.name === 'AbortError' ? `no answer in ${this.#timeoutMs} ms` : (error.code ?? error.message);
      resolve(connection === null ? { kind: 'unreached', reason } : { kind: 'broken', reason, connection });
    };
    sent.on('socket', (socket) => { this.#whenConnected(socket, url, (made) => { connection = made; }); });
    sent.on('error', broken);
    sent.on('response', (response) => {
      readText(response).then(
        (text) => {
          if (connection === null) throw new Error('An answer came over no connection.');
          resolve({ kind: 'whole', status: response.statusCode ?? 0, headers: response.headers, text, connection });
        },
      ).catch(broken);
    });
    sent.end(payload);
    return promise;
  }

  /** Tells the connection once there is one: until then nothing is sent. One that is not answered in time is given up. */
  #whenConnected(socket: Socket, address: string, tell: (connection: Connection) => void): void {
    const known = this.#connections.get(socket);
    if (known !== undefined) return tell(known);
    const limit = this.#addresses.several ? setTimeout(() => socket.destroy(new Error(`no answer to a connect in ${CONNECT_MS} ms`)), CONNECT_MS) : undefined;
    const openedMs = this.#registry.now();
    socket.once('close', () => clearTimeout(limit));
    socket.once('connect', () => {
      clearTimeout(limit);
      const connection = { id: this.#registry.nextConnection(), openedMs, localPort: socket.localPort ?? null, address };
      this.#connections.set(socket, connection);
      tell(connection);
    });
  }
}

function headersOf(question: Question, payload: string | undefined): Record<string, string | number> {
  const headers: Record<string, string | number> = { ...question.headers };
  if (payload !== undefined) {
    headers['content-type'] = 'application/json';
    headers['content-length'] = Buffer.byteLength(payload);
  }
  return headers;
}

/** The body as text; rejects when it breaks off half-way. */
async function readText(response: IncomingMessage): Promise<string> {
  response.setEncoding('utf8');
  let text = '';
  for await (const chunk of response) text += chunk as string;
  return text;
}
