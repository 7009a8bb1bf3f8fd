import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer, request } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Program } from '../programs/program.ts';
import { answers } from '../supervisor/probe.ts';
import { testPrograms } from '../testing/servers.ts';
import type { TemporaryUser } from './conf.ts';
import { modulesLacking, prepareNginx, workerUser } from './prepare.ts';

/** A request as an upstream got it. */
export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A stand-in for Koa whose answers the test gives. */
export interface Upstream {
  readonly port: number;
  readonly seen: Seen[];
  answer: (seen: Seen, response: ServerResponse) => void;
  close(): Promise<void>;
}

/** What a client got. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly ms: number;
}

let nginx: Program;
let without: readonly TemporaryUser[];

/** For a `before` hook; fetches nginx when it is not there. */
export async function findNginx(): Promise<void> {
  ({ nginx } = await testPrograms());
  without = await modulesLacking(nginx);
}

const cleanups: (() => Promise<unknown> | void)[] = [];

/** For an `afterEach` hook: ends every nginx and upstream of a test. */
export const cleanUp = async (): Promise<void> => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
};
async function listening(server: Server | ReturnType<typeof createServer>): Promise<number> {
  // As many wait for Koa: with Node's own 511, a thousand connections at once would be refused here instead of there.
  server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 });
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listening(server);
  server.close();
  await once(server, 'close');
  return port;
}

async function bodyOf(message: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of message.setEncoding('utf8')) body += String(chunk);
  return body;
}

/** Starts an upstream that answers 200 until told otherwise. */
export async function startUpstream(): Promise<Upstream> {
  const server = createHttpServer((message, response) => {
    void bodyOf(message).then((body) => {
      const seen = { method: message.method ?? '', url: message.url ?? '', headers: message.headers, body };
      upstream.seen.push(seen);
      upstream.answer(seen, response);
    }, () => response.destroy());
  });
  const close = async (): Promise<void> => {
    if (!server.listening) return;
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  const upstream: Upstream = { port: await listening(server), seen: [], answer: (_seen, response) => response.end('ok'), close };
  cleanups.push(close);
  return upstream;
}

/** Starts a real nginx in front of upstreams and waits until it serves. */
export async function startNginx(upstreams: readonly Upstream[], more: { cacheSeconds?: number; httpPort?: number } = {}): Promise<{ port: number; child: ChildProcess }> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast nginx-'));
  const [httpPort, healthPort] = [more.httpPort ?? (await freePort()), await freePort()];
  const webPorts = upstreams.map(({ port }) => port);
  const [program = '', ...args] = prepareNginx(nginx, { folder, httpPort, healthPort, webPorts, cacheSeconds: more.cacheSeconds ?? 1, without, ...workerUser() });
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'], detached: true });
  cleanups.push(async () => {
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
      process.kill(-child.pid, 'SIGKILL');
      await once(child, 'exit');
    }
    rmSync(folder, { recursive: true, maxRetries: 3 });
  });
  while (!(await answers({ port: healthPort, path: '/healthz' }, 500))) {
    assert.equal(child.exitCode, null, 'nginx ended');
    await sleep(20);
  }
  return { port: httpPort, child };
}

/** What a client asks; nothing: the list. */
export interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string;
}

/** Asks as a client, on a connection of its own. */
export async function ask(port: number, { method = 'GET', path = '/api/property', headers = {}, body = '' }: Asked = {}): Promise<Answer> {
  const start = performance.now();
  const sent = request({ host: '127.0.0.1', port, method, path, headers: body === '' ? headers : { 'content-length': Buffer.byteLength(body), ...headers }, agent: false });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const text = await bodyOf(response);
  return { status: response.statusCode ?? 0, headers: response.headers, body: text, ms: performance.now() - start };
}

/** That an answer is a problem document of this status. */
export const isProblem = ({ status, headers, body }: Answer, expected: number): void => {
  assert.equal(status, expected);
  assert.equal(headers['content-type'], 'application/problem+json');
  assert.equal((JSON.parse(body) as { status: number }).status, expected);
};
