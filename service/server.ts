import { type RequestListener, type Server, type ServerResponse, STATUS_CODES, createServer } from 'node:http';
import { Server as NetServer } from 'node:net';
import type { Duplex } from 'node:stream';
import { PROBLEM_TYPE, Problem } from './api/problem.ts';

/** How a server ends, in milliseconds from the beginning of its end. */
export interface StopPace {
  /** New connections are still taken until then, so that whoever asks learns that it stops. */
  readonly acceptMs: number;
  /** Connections that carry no request are left open until then: the edge closes those that it does not use, and a request that comes on one in the same moment is not cut. */
  readonly idleMs: number;
  /** What is still under way then is cut. */
  readonly cutMs: number;
}

export const STOP_PACE: StopPace = { acceptMs: 500, idleMs: 5000, cutMs: 9000 };

/** An HTTP server that ends without cutting anybody off. */
export class HttpServer {
  readonly #server: Server;
  readonly #ended = Promise.withResolvers<void>();

  constructor(handler: RequestListener) {
    this.#server = createServer({
      // Longer than any proxy in front keeps an idle connection: the one that sends closes it.
      keepAliveTimeout: 75_000,
      headersTimeout: 15_000,
      requestTimeout: 30_000,
      connectionsCheckingInterval: 1000,
    }, handler);
    this.#server.on('clientError', answerClientError);
    // What Node would answer by itself, or not at all, is answered in the same form as everything else.
    this.#server.on('checkExpectation', (_request, response: ServerResponse) => {
      response.writeHead(417, { 'content-type': PROBLEM_TYPE, connection: 'close' }).end(problemText(417, 'Only 100-continue can be expected of this server'));
    });
    this.#server.on('connect', (_request, socket: Duplex) => endWith(socket, 405, 'This server is no proxy', 'Allow: GET, HEAD, POST, PUT, DELETE, OPTIONS\r\n'));
    this.#server.on('close', () => this.#ended.resolve());
  }

  /**
   * Begins to listen.
   * @throws Error that says what to do when the port is taken
   */
  listen(host: string, port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', (error) => reject(new Error(`Listening on ${host}:${port} failed; free the port or set another one`, { cause: error })));
      this.#server.listen({ host, port, backlog: 4096 }, resolve);
    });
  }

  /** The port that it listens on. */
  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** Resolves when the last connection has ended. The handler must say `Connection: close` from now on. */
  async stop(pace: StopPace = STOP_PACE): Promise<void> {
    const timers = [
      // The server's own close() cuts idle connections at once.
      setTimeout(() => NetServer.prototype.close.call(this.#server), pace.acceptMs),
      setTimeout(() => this.#server.closeIdleConnections(), pace.idleMs),
      setTimeout(() => this.#server.closeAllConnections(), pace.cutMs),
    ];
    await this.#ended.promise;
    for (const timer of timers) clearTimeout(timer);
    // Nothing is left for it to close; it ends the timer that looks for slow clients.
    this.#server.close();
  }
}

const CLIENT_ERRORS: Readonly<Record<string, number>> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408, HPE_CHUNK_EXTENSIONS_OVERFLOW: 413 };

/** What is no HTTP never reaches the application; it is answered in the same form. */
function answerClientError(error: Error & { code?: string }, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
  else endWith(socket, CLIENT_ERRORS[error.code ?? ''] ?? 400, 'The request is not HTTP as this server reads it');
}

const problemText = (status: number, detail: string): string => JSON.stringify(new Problem(status, { detail }));

/** @param headers further lines, each with its line end */
function endWith(socket: Duplex, status: number, detail: string, headers = ''): void {
  const body = problemText(status, detail);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\n${headers}Content-Type: ${PROBLEM_TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}
