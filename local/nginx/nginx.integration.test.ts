import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer, request } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders, Server, ServerResponse } from 'node:http';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { testPrograms } from '../testing/servers.ts';
import type { Program } from '../programs/program.ts';
import { answers } from '../supervisor/probe.ts';
import { modulesLacking, prepareNginx, workerUser } from './prepare.ts';
import type { TemporaryUser } from './conf.ts';

const TIME_LIMIT = { timeout: 30_000 };

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A stand-in for Koa whose answers the test gives. */
interface Upstream {
  readonly port: number;
  readonly seen: Seen[];
  answer: (seen: Seen, response: ServerResponse) => void;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly ms: number;
}

let nginx: Program;
let without: readonly TemporaryUser[];
const cleanups: (() => Promise<unknown> | void)[] = [];

before(async () => {
  ({ nginx } = await testPrograms());
  without = await modulesLacking(nginx);
}, { timeout: 120_000 });

const cleanUp = async (): Promise<void> => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
};
afterEach(cleanUp);
after(cleanUp);

async function listening(server: Server | ReturnType<typeof createServer>): Promise<number> {
  server.listen(0, '127.0.0.1');
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

async function startUpstream(): Promise<Upstream> {
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

async function startNginx(upstreams: readonly Upstream[], more: { cacheSeconds?: number; httpPort?: number } = {}): Promise<{ port: number; child: ChildProcess }> {
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

interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string;
}

async function ask(port: number, { method = 'GET', path = '/api/property', headers = {}, body = '' }: Asked = {}): Promise<Answer> {
  const start = performance.now();
  const sent = request({ host: '127.0.0.1', port, method, path, headers: body === '' ? headers : { 'content-length': Buffer.byteLength(body), ...headers }, agent: false });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const text = await bodyOf(response);
  return { status: response.statusCode ?? 0, headers: response.headers, body: text, ms: performance.now() - start };
}

const isProblem = ({ status, headers, body }: Answer, expected: number): void => {
  assert.equal(status, expected);
  assert.equal(headers['content-type'], 'application/problem+json');
  assert.equal((JSON.parse(body) as { status: number }).status, expected);
};

test('a frozen Koa costs two seconds, and the request reaches the other one once, with method, body and id', TIME_LIMIT, async () => {
  const [frozen, well] = [await startUpstream(), await startUpstream()];
  frozen.answer = () => {};
  well.answer = (_seen, response) => response.writeHead(201).end();
  const { port } = await startNginx([frozen, well]);
  const answered = await Promise.all([1, 2].map((n) => ask(port, { method: 'POST', body: `{"n":${n}}` })));
  assert.deepEqual(answered.map(({ status }) => status), [201, 201]);
  assert.equal(well.seen.length, 2);
  assert.equal(frozen.seen.length, 1);
  const again = well.seen.find(({ headers }) => headers['x-request-id'] === frozen.seen[0]?.headers['x-request-id']);
  assert.ok(again);
  assert.deepEqual([again.method, again.body], ['POST', frozen.seen[0]?.body]);
  const slowest = Math.max(...answered.map(({ ms }) => ms));
  assert.ok(slowest > 1900 && slowest < 2600, `it took ${slowest} ms`);
});

test('"again" keeps method, body and id over more than seven seconds, and says how long it has waited', TIME_LIMIT, async () => {
  const upstreams = [await startUpstream(), await startUpstream()];
  const start = performance.now();
  for (const upstream of upstreams) {
    upstream.answer = (_seen, response) => {
      if (performance.now() - start > 7500) response.writeHead(201, { location: '/api/property/7' }).end('made');
      else setTimeout(() => response.writeHead(200, { 'x-accel-redirect': '@again' }).end(), 1000);
    };
  }
  const { port } = await startNginx(upstreams);
  const { status, headers, body } = await ask(port, { method: 'POST', path: '/api/property?a=b', body: '{"address":"1 Quay"}', headers: { 'idempotency-key': 'k1' } });
  assert.deepEqual([status, headers.location, body], [201, '/api/property/7', 'made']);
  const seen = upstreams.flatMap((upstream) => upstream.seen);
  assert.ok(seen.length >= 8, `${seen.length} attempts`);
  assert.deepEqual([...new Set(seen.map((one) => `${one.method} ${one.url} ${one.body} ${String(one.headers['idempotency-key'])}`))], ['POST /api/property?a=b {"address":"1 Quay"} k1']);
  assert.equal(new Set(seen.map((one) => one.headers['x-request-id'])).size, 1);
  const waited = seen.map((one) => Number(one.headers['x-waited'])).sort((a, b) => a - b);
  assert.ok((waited[0] ?? 9) < 0.5 && (waited.at(-1) ?? 0) > 6.5, `waited ${waited.join(', ')}`);
  assert.ok(upstreams.every((upstream) => upstream.seen.length >= 3), 'both were asked');
});

test('a client names neither the id of its request nor the time it has waited', TIME_LIMIT, async () => {
  const upstream = await startUpstream();
  const { port } = await startNginx([upstream]);
  const { headers } = await ask(port, { method: 'POST', body: '{}', headers: { 'x-request-id': 'mine', 'X-WAITED': '9999', 'x_request_id': 'mine', 'x-forwarded-for': '1.2.3.4' } });
  const [seen] = upstream.seen;
  assert.match(String(seen?.headers['x-request-id']), /^[0-9a-f]{32}$/);
  assert.equal(headers['x-request-id'], seen?.headers['x-request-id']);
  assert.match(String(seen?.headers['x-waited']), /^0\.\d{3}$/);
  assert.equal(seen?.headers['x_request_id'], undefined);
  assert.equal(seen?.headers['x-forwarded-for'], '127.0.0.1');
});

test('errors of nginx itself are problem documents', TIME_LIMIT, async () => {
  const upstream = await startUpstream();
  const { port } = await startNginx([upstream]);
  isProblem(await ask(port, { method: 'POST', body: 'x'.repeat(102_401) }), 413);
  assert.equal((await ask(port, { method: 'POST', body: 'x'.repeat(102_400) })).status, 200);
  isProblem(await ask(port, { headers: { 'x-large': 'x'.repeat(40_000) } }), 431);
  isProblem(await ask(port, { path: `/${'x'.repeat(40_000)}` }), 414);
  isProblem(await ask(port, { method: 'TRACE' }), 405);
  assert.equal((await ask(port, { path: '/.problem' })).status, 404);
  await upstream.close();
  const unreachable = await ask(port, { method: 'POST', body: '{}' });
  isProblem(unreachable, 502);
  assert.equal(unreachable.headers['retry-after'], '1');
  assert.match(String(unreachable.headers['x-request-id']), /^[0-9a-f]{32}$/);
});

test('what is no HTTP gets a problem document too', TIME_LIMIT, async () => {
  const { port } = await startNginx([await startUpstream()]);
  const socket = connect(port, '127.0.0.1');
  socket.end('NONSENSE\r\n\r\n');
  let text = '';
  for await (const chunk of socket.setEncoding('utf8')) text += String(chunk);
  assert.match(text, /application\/problem\+json/);
  assert.match(text, /"status":400/);
});

test('when all are frozen the answer is a 504 with the form of a problem', TIME_LIMIT, async () => {
  const upstreams = [await startUpstream(), await startUpstream()];
  for (const upstream of upstreams) upstream.answer = () => {};
  const { port } = await startNginx(upstreams);
  isProblem(await ask(port, { method: 'POST', body: '{}' }), 504);
});

test('a page is served from the cache for its second, then asked for again', TIME_LIMIT, async () => {
  const upstream = await startUpstream();
  let version = 0;
  upstream.answer = (_seen, response) => response.setHeader('cache-control', 'no-cache').end(`version ${(version += 1)}`);
  const { port } = await startNginx([upstream]);
  const shown = async (): Promise<unknown[]> => {
    const { body, headers } = await ask(port);
    return [body, headers['x-cache'], headers['x-freshness']];
  };
  assert.deepEqual(await shown(), ['version 1', 'MISS', undefined]);
  assert.deepEqual(await shown(), ['version 1', 'HIT', 'edge-cache']);
  await sleep(2100);
  assert.deepEqual(await shown(), ['version 2', 'EXPIRED', undefined]);
});

test('a client that has just written gets past the cache, and what it gets is not kept when it may be old', TIME_LIMIT, async () => {
  const upstream = await startUpstream();
  let version = 0;
  upstream.answer = (_seen, response) => response.setHeader('x-freshness', 'replica').end(`version ${(version += 1)}`);
  const { port } = await startNginx([upstream]);
  const shown = async (headers: OutgoingHttpHeaders): Promise<unknown[]> => {
    const answer = await ask(port, { headers });
    return [answer.body, answer.headers['x-cache'], answer.headers['x-freshness']];
  };
  assert.deepEqual(await shown({}), ['version 1', 'MISS', 'replica']);
  assert.deepEqual(await shown({}), ['version 2', 'MISS', 'replica']);
  upstream.answer = (_seen, response) => response.end(`version ${(version += 1)}`);
  assert.deepEqual(await shown({}), ['version 3', 'MISS', undefined]);
  assert.deepEqual(await shown({ cookie: 'holdfast_seen=1:7' }), ['version 4', 'BYPASS', undefined]);
  assert.deepEqual(await shown({}), ['version 4', 'HIT', 'edge-cache']);
});

test('an old page is served when no Koa answers, and says so; a write then is a 502', TIME_LIMIT, async () => {
  const upstream = await startUpstream();
  const { port } = await startNginx([upstream]);
  assert.equal((await ask(port)).headers['x-cache'], 'MISS');
  await upstream.close();
  await sleep(2100);
  const { status, body, headers } = await ask(port);
  assert.deepEqual([status, body, headers['x-cache'], headers['x-freshness']], [200, 'ok', 'STALE', 'edge-stale']);
  isProblem(await ask(port, { path: '/api/property/1' }), 502);
  isProblem(await ask(port, { method: 'POST', body: '{}' }), 502);
});

test('only pages of the API are kept, and none when the cache is off', TIME_LIMIT, async () => {
  const upstream = await startUpstream();
  const [cached, uncached] = [await startNginx([upstream]), await startNginx([upstream], { cacheSeconds: 0 })];
  for (const round of [1, 2]) {
    assert.equal((await ask(cached.port, { path: '/readyz' })).headers['x-cache'], undefined, `round ${round}`);
    assert.equal((await ask(uncached.port)).headers['x-cache'], undefined, `round ${round}`);
  }
  assert.equal(upstream.seen.length, 4);
});

test('a write on a kept connection that its Koa closes meanwhile is sent again', TIME_LIMIT, async () => {
  const [dying, well] = [await startUpstream(), await startUpstream()];
  const { port } = await startNginx([dying, well]);
  await Promise.all(Array.from({ length: 8 }, () => ask(port, { path: '/warm' })));
  // It takes the request and breaks the connection without an answer, as a process does that is killed.
  dying.answer = (_seen, response) => response.destroy();
  const answered = await Promise.all(Array.from({ length: 20 }, (_, n) => ask(port, { method: 'POST', body: String(n) })));
  assert.deepEqual([...new Set(answered.map(({ status }) => status))], [200]);
  const writes = well.seen.filter(({ method }) => method === 'POST').map(({ body }) => Number(body));
  assert.deepEqual(writes.sort((a, b) => a - b), Array.from({ length: 20 }, (_, n) => n));
});

test('two nginx serve one port, and either alone serves when the other is killed with all its workers', TIME_LIMIT, async () => {
  const upstream = await startUpstream();
  const first = await startNginx([upstream]);
  await startNginx([upstream], { httpPort: first.port });
  const statuses = async (): Promise<number[]> => [...new Set((await Promise.all(Array.from({ length: 20 }, () => ask(first.port, { path: '/' })))).map(({ status }) => status))];
  assert.deepEqual(await statuses(), [200]);
  assert.ok(first.child.pid);
  process.kill(-first.child.pid, 'SIGKILL');
  await once(first.child, 'exit');
  assert.deepEqual(await statuses(), [200]);
});
