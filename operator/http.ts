import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createHash, timingSafeEqual } from 'node:crypto';

/** What answers one path; the text is sent as it is. */
export interface Page {
  readonly type: string;
  readonly body: () => string | Promise<string>;
}

/** What a person may ask for. */
export interface Order {
  /**
   * @param body the request's JSON, undefined when there is none
   * @returns what was done, and whatever else the answer carries
   * @throws Error when it cannot be done; its message is the answer
   */
  readonly run: (body: unknown) => Promise<{ readonly text: string } & Readonly<Record<string, unknown>>>;
}

/** What {@link statusServer} serves. */
export interface StatusServerOptions {
  /** By path, such as `/status`. */
  readonly pages: Readonly<Record<string, Page>>;
  /** By path; POST only. */
  readonly orders: Readonly<Record<string, Order>>;
  /** What an order must carry as `authorization: Bearer TOKEN`. */
  readonly token: string;
}

const BODY_LIMIT = 10_000;

/** An answer that is no success. */
class HttpError extends Error {
  override name = 'HttpError';
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Serves status, metrics and orders. */
export function statusServer(options: StatusServerOptions): Server {
  return createServer((request, response) => void answer(options, request, response));
}

async function answer(options: StatusServerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  // As it was sent: no address that somebody makes up, such as //, ends this process by what cannot be parsed.
  const [path = '/'] = (request.url ?? '/').split('?', 1);
  const page = Object.hasOwn(options.pages, path) ? options.pages[path] : undefined;
  try {
    if (page !== undefined && request.method === 'GET') {
      const body = await page.body();
      response.writeHead(200, { 'content-type': page.type }).end(body);
    } else {
      sendJson(response, 200, { ok: true, ...(await obey(options, path, request)) });
    }
  } catch (error) {
    sendJson(response, error instanceof HttpError ? error.status : 409, { ok: false, text: (error as Error).message });
  }
}

async function obey({ pages, orders, token }: StatusServerOptions, path: string, request: IncomingMessage): Promise<Record<string, unknown>> {
  const order = Object.hasOwn(orders, path) ? orders[path] : undefined;
  if (order === undefined) throw new HttpError(404, `There is ${[...Object.keys(pages), ...Object.keys(orders)].join(', ')}.`);
  if (request.method !== 'POST') throw new HttpError(405, `${path} takes POST.`);
  if (!sameText(request.headers.authorization ?? '', `Bearer ${token}`)) throw new HttpError(401, 'The token is missing or wrong: use npm run operator, switchover or failover beside the running stack, or on Kubernetes operator/kubernetes/order.ts in the pod.');
  return order.run(await readJson(request));
}

/** Compares in a time that tells nothing of the content. */
function sameText(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > BODY_LIMIT) throw new HttpError(413, `The body is longer than ${BODY_LIMIT} characters.`);
  }
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new HttpError(400, 'The body is not JSON.');
  }
}

function sendJson(response: ServerResponse, status: number, body: Record<string, unknown>): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
