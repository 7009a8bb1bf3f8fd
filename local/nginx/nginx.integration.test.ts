import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { afterEach, before, test } from 'node:test';
import { waitFor } from '../testing/wait.ts';
import { ask, cleanUp, findNginx, isProblem, startNginx, startUpstream } from './testing.ts';

const TIME_LIMIT = { timeout: 30_000 };

before(findNginx, { timeout: 120_000 });
afterEach(cleanUp);

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

test('when all are frozen the answer is a 504 with the form of a problem, after the ten seconds that a client waits', TIME_LIMIT, async () => {
  const upstreams = [await startUpstream(), await startUpstream()];
  for (const upstream of upstreams) upstream.answer = () => {};
  const { port } = await startNginx(upstreams);
  const answered = await ask(port, { method: 'POST', body: '{}' });
  isProblem(answered, 504);
  assert.ok(answered.ms > 9000 && answered.ms < 13_000, `it took ${answered.ms} ms`);
});

test('while all are too busy to answer within two seconds, a request waits, and is then answered once', TIME_LIMIT, async () => {
  const upstreams = [await startUpstream(), await startUpstream()];
  const start = performance.now();
  for (const upstream of upstreams) {
    upstream.answer = (_seen, response) => {
      if (performance.now() - start > 5000) response.writeHead(201).end('made');
    };
  }
  const { port } = await startNginx(upstreams);
  const { status, body } = await ask(port, { method: 'POST', body: '{"n":1}' });
  assert.deepEqual([status, body], [201, 'made']);
  const seen = upstreams.flatMap((upstream) => upstream.seen);
  assert.equal(new Set(seen.map((one) => `${one.method} ${one.body} ${String(one.headers['x-request-id'])}`)).size, 1);
});

test('one nginx alone carries three thousand requests at once, each on a connection of its own to its client and to Koa', { timeout: 60_000 }, async () => {
  const upstreams = [await startUpstream(), await startUpstream()];
  const clients = 3000;
  const ids = new Set<unknown>();
  const held: ServerResponse[] = [];
  for (const upstream of upstreams) {
    upstream.answer = ({ headers }, response) => {
      ids.add(headers['x-request-id']);
      held.push(response);
      // None is answered before all are there.
      if (ids.size === clients) for (const one of held.splice(0)) one.end('ok');
    };
  }
  const { port } = await startNginx(upstreams);
  const answered = await Promise.all(Array.from({ length: clients }, (_, n) => ask(port, { path: `/api/property/${n + 1}` })));
  assert.deepEqual([...new Set(answered.map(({ status }) => status))], [200]);
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
  // The workers were killed with it, but may still be about to go: until then the kernel gives them connections, and resets those.
  await waitFor('the workers to be gone', async () => (await statuses()).join() === '200', 2000);
  assert.deepEqual(await statuses(), [200]);
});
