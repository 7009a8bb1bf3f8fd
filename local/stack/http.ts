import { once } from 'node:events';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { LOOPBACK } from '../supervisor/probe.ts';

/** An answer of one of the stack's own HTTP servers. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

/** What to ask for. */
export interface HttpRequest {
  readonly method: 'GET' | 'DELETE' | 'POST';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/**
 * Sends a request on a connection of its own.
 * @param signal ends it, such as `AbortSignal.timeout`
 * @throws Error when there is no answer before that
 */
export async function ask(port: number, { body: sentBody, ...target }: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
  const sent = request({ host: LOOPBACK, port, ...target, agent: false, signal });
  sent.end(sentBody);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let body = '';
  for await (const chunk of response.setEncoding('utf8')) body += String(chunk);
  return { status: response.statusCode ?? 0, body };
}

/**
 * Reads a JSON document.
 * @param timeoutMs milliseconds for the whole of it
 * @throws Error when there is none in time, or something else
 */
export async function fetchJson(port: number, path: string, timeoutMs: number): Promise<unknown> {
  const { status, body } = await ask(port, { method: 'GET', path }, AbortSignal.timeout(timeoutMs));
  if (status !== 200) throw new Error(`GET ${path} on port ${port} was answered with ${status}`);
  return JSON.parse(body);
}
