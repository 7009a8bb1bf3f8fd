import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { statusServer } from './http.ts';

const received: unknown[] = [];
const server = statusServer({
  pages: { '/status': { type: 'application/json', body: () => '{"fine":true}' } },
  orders: {
    '/pause': { run: (body) => { received.push(body); return Promise.resolve({ text: 'paused' }); } },
    '/switchover': { run: () => Promise.reject(new Error('There is no primary to switch from.')) },
  },
  token: 'secret',
});
let base = '';
before(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => server.close());

const post = async (path: string, body?: string, authorization = 'Bearer secret'): Promise<readonly [number, unknown]> => {
  const response = await fetch(base + path, { method: 'POST', headers: { authorization }, ...(body === undefined ? {} : { body }) });
  return [response.status, await response.json()];
};

test('pages are for everybody', async () => {
  const response = await fetch(`${base}/status`);
  assert.deepEqual([response.status, await response.json()], [200, { fine: true }]);
});

test('an order is carried out with the token only', async () => {
  assert.deepEqual(await post('/pause', '{"to":"mysql-1"}'), [200, { ok: true, text: 'paused' }]);
  assert.deepEqual(received, [{ to: 'mysql-1' }]);
  const [status, body] = await post('/pause', undefined, 'Bearer guessed');
  assert.equal(status, 401);
  assert.match((body as { text: string }).text, /token is missing or wrong/);
  assert.equal(received.length, 1);
});

test('an order that cannot be carried out says why', async () => {
  assert.deepEqual(await post('/switchover'), [409, { ok: false, text: 'There is no primary to switch from.' }]);
});

test('what is not JSON, too long, no POST, or unknown is refused', async () => {
  assert.equal((await post('/pause', '{'))[0], 400);
  assert.equal((await post('/pause', 'x'.repeat(10_001)))[0], 413);
  assert.equal((await fetch(`${base}/pause`)).status, 405);
  assert.deepEqual(await post('/constructor'), [404, { ok: false, text: 'There is /status, /pause, /switchover.' }]);
});

/** The first line of the answer to a request for a target that no URL can be made of, or that is none. */
function statusLineFor(target: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1', () => socket.write(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`));
    socket.once('data', (data) => resolve(String(data).split('\r\n', 1)[0] ?? '')).once('error', reject);
  });
}

test('no address whatever ends the process', { timeout: 20_000 }, async () => {
  for (const target of ['//', '///', 'http://[', '//[', 'http://x:99999/', '*', '/%', '/__proto__', '/constructor']) assert.equal(await statusLineFor(target), 'HTTP/1.1 404 Not Found', target);
  assert.equal(await statusLineFor('/status?x=1'), 'HTTP/1.1 200 OK');
});
