import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import Koa from 'koa';
import { Unavailable } from '../ports.ts';
import { SeenCookie } from './cookie.ts';
import { CursorCodec } from './cursor.ts';
import { getList } from './reading.ts';

const LIMIT = { timeout: 10_000 };
const SECRET = 'a secret for tests only';

/** Asks a process whose reads end so. @returns what it says of where the request should go */
async function redirectOf(t: TestContext, error: Error, headers: Readonly<Record<string, string>>): Promise<string | null> {
  const reading = { reader: { readPage: () => Promise.reject(error) }, cursors: new CursorCodec(SECRET), cookie: new SeenCookie(SECRET), deadlineMs: 1000 };
  const app = new Koa();
  app.use(async (ctx, next) => { await next().catch(() => { ctx.status = 503; }); });
  app.use(getList(reading));
  const server = app.listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, { headers });
  await answer.arrayBuffer();
  assert.equal(answer.status, 503);
  return answer.headers.get('x-accel-redirect');
}

const held = (seconds: string) => ({ 'x-request-id': 'ab'.repeat(16), 'x-waited': seconds });

test('a read of a process that reaches nobody is handed on to the next one, for as long as there is time for another attempt', LIMIT, async (t) => {
  assert.equal(await redirectOf(t, new Unavailable('nobody'), held('0.004')), '@again');
  assert.equal(await redirectOf(t, new DOMException('too late', 'TimeoutError'), held('6.000')), '@again');
  assert.equal(await redirectOf(t, new Unavailable('nobody'), held('6.001')), null);
});

test('a read that met a defect, or came past the edge, is answered here', LIMIT, async (t) => {
  assert.equal(await redirectOf(t, new TypeError('a defect'), held('0.004')), null);
  assert.equal(await redirectOf(t, new Unavailable('nobody'), {}), null);
});
