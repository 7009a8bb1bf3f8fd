import { Agent, type IncomingHttpHeaders, request } from 'node:http';

/** What came back. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Milliseconds. */
  readonly ms: number;
  /** The body read as JSON. */
  readonly json: () => unknown;
}

/** What a replay has in common with the first answer. */
export const sameAnswer = ({ status, body, headers }: Answer): unknown => [status, body, headers['location'], headers.etag];

/** What is asked. */
export interface Ask {
  readonly method?: string;
  /** An object is sent as JSON; text and bytes as they are. */
  readonly body?: object | string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

const agent = new Agent({ keepAlive: true, maxSockets: 256 });

/** Closes the kept connections, as a client does that goes away. */
export const hangUp = (): void => agent.destroy();

/** One request, without retries, over kept connections; the path goes out as it is. */
export function ask(url: string, path: string, { method = 'GET', body, headers = {} }: Ask = {}): Promise<Answer> {
  const { hostname, port } = new URL(url);
  const isRaw = typeof body === 'string' || Buffer.isBuffer(body);
  const bytes = body === undefined ? undefined : Buffer.from(isRaw ? body : JSON.stringify(body));
  const type = bytes === undefined ? {} : { 'content-type': 'application/json', 'content-length': String(bytes.length) };
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, method, agent, headers: { ...type, ...headers } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text, ms: performance.now() - startedAt, json: () => JSON.parse(text) as unknown });
      });
    });
    sent.on('error', reject);
    sent.end(bytes);
  });
}
