import assert from 'node:assert/strict';
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { afterEach, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, cleanUp, findNginx, isProblem, startNginx, startUpstream } from './testing.ts';
import type { Seen } from './testing.ts';

const TIME_LIMIT = { timeout: 30_000 };

before(findNginx, { timeout: 120_000 });
afterEach(cleanUp);

/** An answer that may be kept as long as nginx itself says, as the service gives it. */
const kept = ({ headers }: Seen, response: ServerResponse): ServerResponse => response.setHeader('x-accel-expires', String(headers['x-edge-until']));

/** Waits for the start of a second of the clock: pages are kept to its end. */
const nextSecond = (): Promise<unknown> => sleep(1020 - (Date.now() % 1000));

test('a page is served from the cache to the end of its second, and never when it is older than one', TIME_LIMIT, async () => {
  const upstream = await startUpstream();
  upstream.answer = (seen, response) => kept(seen, response).setHeader('cache-control', 'no-cache').end(String(Date.now()));
  const { port } = await startNginx([upstream]);
  const seen = new Map<string, number>();
  const end = Date.now() + 3000;
  while (Date.now() < end) {
    const asked = Date.now();
    const { body, headers } = await ask(port);
    const kind = String(headers['x-cache']);
    seen.set(kind, (seen.get(kind) ?? 0) + 1);
    assert.equal(headers['x-freshness'], kind === 'HIT' ? 'edge-cache' : undefined);
    assert.ok(asked - Number(body) <= 1000, `${kind} of ${asked - Number(body)} ms`);
    await sleep(10);
  }
  assert.deepEqual([...seen.keys()].sort(), ['EXPIRED', 'HIT', 'MISS']);
  const hits = seen.get('HIT') ?? 0;
  assert.ok(hits > 10 * (upstream.seen.length - 1), `${hits} hits, asked ${upstream.seen.length} times`);
});

test('longer keeping is in whole seconds, and not a moment longer', TIME_LIMIT, async () => {
  const upstream = await startUpstream();
  upstream.answer = (seen, response) => {
    assert.equal(seen.headers['x-edge-until'], undefined);
    response.end(String(Date.now()));
  };
  const { port } = await startNginx([upstream], { cacheSeconds: 2 });
  let oldest = 0;
  const end = Date.now() + 5000;
  while (Date.now() < end) {
    const asked = Date.now();
    oldest = Math.max(oldest, asked - Number((await ask(port)).body));
    await sleep(10);
  }
  assert.ok(oldest > 1000 && oldest <= 2000, `${oldest} ms`);
});

test('a client that has just written gets past the cache, and what may be old is not kept', TIME_LIMIT, async () => {
  const upstream = await startUpstream();
  let version = 0;
  upstream.answer = (seen, response) => kept(seen, response).setHeader('x-freshness', 'no-primary').end(`version ${(version += 1)}`);
  const { port } = await startNginx([upstream]);
  const shown = async (headers: OutgoingHttpHeaders): Promise<unknown[]> => {
    const answer = await ask(port, { headers });
    return [answer.body, answer.headers['x-cache'], answer.headers['x-freshness']];
  };
  await nextSecond();
  assert.deepEqual(await shown({}), ['version 1', 'MISS', 'no-primary']);
  assert.deepEqual(await shown({}), ['version 2', 'MISS', 'no-primary']);
  upstream.answer = (seen, response) => kept(seen, response).end(`version ${(version += 1)}`);
  await nextSecond();
  assert.deepEqual(await shown({}), ['version 3', 'MISS', undefined]);
  assert.deepEqual(await shown({ cookie: 'holdfast_seen=1:7' }), ['version 4', 'BYPASS', undefined]);
  assert.deepEqual(await shown({}), ['version 4', 'HIT', 'edge-cache']);
});

test('an old page is served when no Koa answers, and says so; a write then is a 502', TIME_LIMIT, async () => {
  const upstream = await startUpstream();
  upstream.answer = (seen, response) => kept(seen, response).end('ok');
  const { port } = await startNginx([upstream]);
  await nextSecond();
  assert.equal((await ask(port)).headers['x-cache'], 'MISS');
  await upstream.close();
  await nextSecond();
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
