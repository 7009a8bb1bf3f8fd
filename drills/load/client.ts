import { Agent, request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
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

/**
 * One client of the edge: a single keep-alive connection, one request at a time, none ever sent a second time.
 */
export class Client {
  readonly #url: URL;
  readonly #timeoutMs: number;
  readonly #registry: Registry;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #connections = new WeakMap<Socket, { id: number; openedMs: number; localPort: number | null }>();

  /**
   * @param url scheme, host and port of the edge
   * @param timeoutMs after this without a whole answer the request counts as broken
   */
  constructor(url: string, timeoutMs: number, registry: Registry) {
    this.#url = new URL(url);
    this.#timeoutMs = timeoutMs;
    this.#registry = registry;
  }

  /** Sends one request. Never throws: whatever goes wrong is an answer of the kind `broken`. */
  ask(question: Question): Promise<Answer> {
    const payload = question.body === undefined ? undefined : JSON.stringify(question.body);
    const headers: Record<string, string | number> = { ...question.headers };
    if (payload !== undefined) {
      headers['content-type'] = 'application/json';
      headers['content-length'] = Buffer.byteLength(payload);
    }
    return new Promise((resolve) => {
      let connection: Connection | null = null;
      const sent = request({
        host: this.#url.hostname, port: this.#url.port, path: question.path, method: question.method, headers, agent: this.#agent,
        signal: AbortSignal.timeout(this.#timeoutMs),
      });
      const broken = (error: Error & { code?: string }): void => {
        const reason = error.name === 'TimeoutError' || error.name === 'AbortError' ? `no answer in ${this.#timeoutMs} ms` : (error.code ?? error.message);
        resolve({ kind: 'broken', reason, connection });
      };
      sent.on('socket', (socket) => { connection = this.#connectionOf(socket); });
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
    });
  }

  /** Closes the connection. */
  close(): void {
    this.#agent.destroy();
  }

  #connectionOf(socket: Socket): Connection {
    const known = this.#connections.get(socket);
    if (known !== undefined) return known;
    const connection = { id: this.#registry.nextConnection(), openedMs: this.#registry.now(), localPort: socket.localPort ?? null };
    if (connection.localPort === null) socket.once('connect', () => { connection.localPort = socket.localPort ?? null; });
    this.#connections.set(socket, connection);
    return connection;
  }
}

/** The body as text; rejects when it breaks off half-way. */
async function readText(response: IncomingMessage): Promise<string> {
  response.setEncoding('utf8');
  let text = '';
  for await (const chunk of response) text += chunk as string;
  return text;
}
