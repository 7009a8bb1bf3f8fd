import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import Koa from 'koa';
import { waitFor } from '../../local/testing/wait.ts';
import { inLine, Line } from './line.ts';

const LIMIT = { timeout: 20_000 };

test('so many as there are places are inside, and the others come in the order in which they came', LIMIT, async () => {
  const line = new Line(2);
  const came: string[] = [];
  const come = async (name: string): Promise<void> => {
    await line.enter();
    came.push(name);
  };
  const all = ['one', 'two', 'three', 'four'].map(come);
  await Promise.all(all.slice(0, 2));
  assert.deepEqual([came, line.length], [['one', 'two'], 2]);
  line.leave();
  await all[2];
  line.leave();
  await all[3];
  assert.deepEqual([came, line.length], [['one', 'two', 'three', 'four'], 0]);
  line.leave();
  line.leave();
  assert.equal(line.enter(), undefined);
});

test('who leaves while it stands in line is not carried out, and a write does not stand in line', LIMIT, async (t) => {
  const [line, carriedOut]: [Line, string[]] = [new Line(1), []];
  const holding = Promise.withResolvers<void>();
  const app = new Koa();
  app.use(inLine(line));
  app.use(async (ctx) => {
    carriedOut.push(`${ctx.method} ${ctx.path}`);
    if (ctx.path === '/api/property/1') await holding.promise;
    ctx.body = 'done';
  });
  const handle = app.callback();
  const server = createServer((request, response) => void handle(request, response)).listen(0, '127.0.0.1');
  t.after(() => {
    holding.resolve();
    server.close();
    server.closeAllConnections();
  });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = (path: string): string => `http://127.0.0.1:${port}${path}`;

  const first = fetch(url('/api/property/1'));
  await waitFor('the first', () => Promise.resolve(carriedOut.length === 1));
  const leaver = get(url('/api/property/2'), { agent: false }).on('error', () => undefined);
  await waitFor('the line', () => Promise.resolve(line.length === 1));
  const stayer = fetch(url('/api/property/3'));
  await waitFor('a longer line', () => Promise.resolve(line.length === 2));
  assert.equal(await (await fetch(url('/api/property'), { method: 'POST' })).text(), 'done');
  // Its health is told at once, however long the line is.
  assert.equal(await (await fetch(url('/healthz'))).text(), 'done');
  const left = new Promise((resolve) => { leaver.once('close', resolve); });
  leaver.destroy();
  await left;
  // What the other side has done must have reached the server.
  await waitFor('the end of its connection', async () => (await new Promise<number>((resolve) => { server.getConnections((_, count) => resolve(count)); })) <= 3);
  holding.resolve();
  assert.deepEqual([await (await first).text(), await (await stayer).text()], ['done', 'done']);
  assert.deepEqual(carriedOut, ['GET /api/property/1', 'POST /api/property', 'GET /healthz', 'GET /api/property/3']);
});
