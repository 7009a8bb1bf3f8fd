import { Agent, request as httpsRequest } from 'node:https';
import type { OutgoingHttpHeaders } from 'node:http';
import type { RequestOptions } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';

/** How long the credentials are used before they are read again, ms: a mounted token is renewed every hour. */
const CREDENTIALS_MS = 60_000;
/** How long an answer may take, ms. */
const DEADLINE_MS = 2000;
/** How long connections are kept that may lead nowhere, ms: requests in them end by their own deadlines. */
const LINGER_MS = 5000;
const BODY_LIMIT = 50_000_000;

/** An answer of the API server that is no success. */
export class ApiError extends Error {
  override name = 'ApiError';
  /** HTTP status; 0 where there was no answer. */
  readonly status: number;
  constructor(message: string, status: number, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

/** A merge patch or an object. */
export type Body = Readonly<Record<string, unknown>>;

/** What is asked of the API server. */
export interface Call {
  /** `update` replaces, and fails with 409 when the object has another resourceVersion by now; `patch` merges. */
  readonly verb: 'get' | 'create' | 'update' | 'patch' | 'delete';
  /** Path with its query, such as `/api/v1/namespaces/…`. */
  readonly path: string;
  readonly body?: Body;
  readonly deadlineMs?: number;
}

/** JSON requests to the API server. */
export interface Api {
  readonly config: KubeConfig;
  /**
   * @returns the object or list that the server answers with
   * @throws ApiError that says what was asked and what the server said; status 404, 409 and so on, 0 for no answer in time
   */
  readonly call: <T>(call: Call) => Promise<T>;
  /** Ends its connections. */
  readonly close: () => void;
}

const METHODS = { get: 'GET', create: 'POST', update: 'PUT', patch: 'PATCH', delete: 'DELETE' } as const;

/** The account of the pod, or the current kubeconfig outside of a cluster. */
export function defaultKubeConfig(): KubeConfig {
  const config = new KubeConfig();
  config.loadFromDefault();
  return config;
}

/**
 * A thin client: the typed one of the package turns each answer into objects of its own, at several times the cost, for a
 * lease that is renewed twice a second. What is hard, finding server and credentials, is the package's.
 */
export function openApi(config: KubeConfig): Api {
  const connections = new Connections(config);
  return {
    config,
    call: async <T>({ verb, path, body, deadlineMs = DEADLINE_MS }: Call): Promise<T> => {
      const what = `${verb} ${path.split('?')[0] ?? ''}`;
      const options = await connections.options();
      const text = body === undefined ? undefined : JSON.stringify(body);
      const signal = AbortSignal.timeout(deadlineMs);
      try {
        const answer = await send(new URL(connections.server + path), { ...options, method: METHODS[verb], headers: { ...connections.headers, ...headersFor(verb, text) }, signal }, text);
        if (answer.status >= 300) throw new ApiError(`Kubernetes: ${what}: ${reasonOf(answer.text)}`, answer.status);
        return JSON.parse(answer.text) as T;
      } catch (cause) {
        if (cause instanceof ApiError) throw cause;
        // A connection that is kept may lead to a server that is gone: the next request opens another.
        connections.renew();
        throw new ApiError(`Kubernetes: ${what}: ${signal.aborted ? `no answer within ${deadlineMs} ms` : (cause as Error).message}; the API server is away, or its address or credentials are wrong`, 0, { cause });
      }
    },
    close: () => connections.renew(),
  };
}

/** One kept set of connections with their credentials. */
class Connections {
  readonly server: string;
  readonly #config: KubeConfig;
  #options: RequestOptions | undefined;
  #readAt = 0;
  #headers: OutgoingHttpHeaders = {};

  constructor(config: KubeConfig) {
    this.#config = config;
    const server = config.getCurrentCluster()?.server;
    if (server === undefined) throw new Error('No Kubernetes cluster is configured: run this in a pod with a service account, or set KUBECONFIG.');
    this.server = server.replace(/\/$/, '');
  }

  /** The credentials, after {@link Connections.options}. */
  get headers(): OutgoingHttpHeaders {
    return this.#headers;
  }

  async options(): Promise<RequestOptions> {
    if (this.#options !== undefined && performance.now() - this.#readAt < CREDENTIALS_MS) return this.#options;
    const fresh: RequestOptions = {};
    await this.#config.applyToHTTPSOptions(fresh);
    const { ca, cert, key, headers, servername, rejectUnauthorized } = fresh;
    const before = this.#options?.agent;
    const agent = before instanceof Agent ? before : new Agent({ keepAlive: true, maxSockets: 20, ...defined({ ca, cert, key, servername, rejectUnauthorized }) });
    this.#headers = headers as OutgoingHttpHeaders | undefined ?? {};
    this.#options = { agent };
    this.#readAt = performance.now();
    return this.#options;
  }

  /** The next request opens a connection; those that others are answered on have time to end. */
  renew(): void {
    const agent = this.#options?.agent;
    if (agent instanceof Agent) setTimeout(() => agent.destroy(), LINGER_MS).unref();
    this.#options = undefined;
  }
}

const defined = (entries: Readonly<Record<string, unknown>>): Record<string, unknown> => Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined));

function headersFor(verb: Call['verb'], text: string | undefined): Record<string, string> {
  if (text === undefined) return { accept: 'application/json' };
  return { 'accept': 'application/json', 'content-type': verb === 'patch' ? 'application/merge-patch+json' : 'application/json', 'content-length': String(Buffer.byteLength(text)) };
}

function send(url: URL, options: RequestOptions, text: string | undefined): Promise<{ readonly status: number; readonly text: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>();
  const request = httpsRequest(url, options, (response) => {
    const chunks: Buffer[] = [];
    let size = 0;
    response.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > BODY_LIMIT) response.destroy(new Error(`the answer is longer than ${BODY_LIMIT} bytes`));
      chunks.push(chunk);
    });
    response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
    response.on('error', reject);
  });
  request.on('error', reject);
  request.end(text);
  return promise;
}

/** The sentence in the server's Status object. */
function reasonOf(text: string): string {
  try {
    const { message } = JSON.parse(text) as { readonly message?: string };
    return message ?? text.slice(0, 200);
  } catch {
    return text.slice(0, 200);
  }
}

/** Whether the server said so: 404 and its like. */
export const hasStatus = (error: unknown, status: number): boolean => error instanceof ApiError && error.status === status;
