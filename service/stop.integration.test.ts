import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '../local/testing/wait.ts';
import { ask, hangUp } from './testing/http.ts';
import { startLoad } from './testing/load.ts';
import { type TestStack, startStack } from './testing/stack.ts';

const LIMIT = { timeout: 60_000 };
let stack: TestStack;

before(async () => {
  stack = await startStack();
}, LIMIT);
after(() => stack.stop());

/** Asks over this agent's connection; resolves with the status and the Connection header. */
function over(agent: Agent, port: number, path: string): Promise<readonly [number | undefined, string | undefined]> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, agent }, (response) => {
      response.resume().on('end', () => resolve([response.statusCode, response.headers.connection]));
    }).on('error', reject).end();
  });
}

test('SIGTERM under load: not ready, no request through the edge fails, exit 0 within ten seconds', LIMIT, async () => {
  const webs = await Promise.all(['web-0', 'web-1'].map((name) => stack.startWeb(name)));
  const [stopped, other] = webs;
  assert.ok(stopped && other);
  await waitFor('the first write', async () => (await ask(stopped.url, '/api/property', { method: 'POST', body: { address: 'first' } })).status === 201);
  const edge = await stack.startEdge(webs);
  const end = startLoad([edge], { writers: 4, readers: 8 });
  await sleep(500);

  const kept = new Agent({ keepAlive: true, maxSockets: 1 });
  assert.deepEqual(await over(kept, stopped.port, '/readyz'), [200, 'keep-alive']);
  const startedAt = performance.now();
  const ended = stopped.kill('SIGTERM');
  await sleep(100);
  assert.deepEqual(await over(kept, stopped.port, '/readyz'), [503, 'close']);
  await ended;
  const ms = performance.now() - startedAt;
  assert.equal(await stopped.exitCode(), 0);
  assert.ok(ms < 10_000, `${ms} ms`);
  await sleep(300);
  const { failures, acknowledged, reads } = await end();
  assert.deepEqual(failures, []);
  assert.ok(acknowledged.length > 0 && reads > 0);
  kept.destroy();
  await other.kill('SIGKILL');
});

test('a stopping process finishes a write that it holds for a client of its own, and hands back what came from the edge', LIMIT, async () => {
  const web = await stack.startWeb('web-2');
  const [primary] = stack.mysql.members;
  assert.ok(primary);
  const post = (address: string, headers: Readonly<Record<string, string>> = {}): ReturnType<typeof ask> => ask(web.url, '/api/property', { method: 'POST', body: { address }, headers });
  await waitFor('the first write', async () => (await post('first')).status === 201);
  const operator = await primary.connect('operator');
  await operator.query('SET GLOBAL read_only = ON');
  const direct = post('held');
  const fromEdge = post('handed back', { 'x-request-id': 'ef'.repeat(16), 'x-waited': '0.100' });
  await sleep(300);
  const ended = web.kill('SIGTERM');
  const again = await fromEdge;
  assert.deepEqual([again.status, again.headers['x-accel-redirect'], again.headers.connection], [503, '@again', 'close']);
  assert.ok(again.ms < 900, `${again.ms} ms`);
  await sleep(1000);
  await operator.query('SET GLOBAL read_only = OFF');
  assert.equal((await direct).status, 201);
  hangUp();
  await ended;
  assert.equal(await web.exitCode(), 0);
  operator.destroy();
});

test('a process that holds a write hands it back to the edge after a second, but not so close to its deadline', LIMIT, async () => {
  const web = await stack.startWeb('web-3');
  const [primary] = stack.mysql.members;
  assert.ok(primary);
  const operator = await primary.connect('operator');
  await operator.query('SET GLOBAL read_only = ON');
  const held = (waited: string): ReturnType<typeof ask> => ask(web.url, '/api/property', { method: 'POST', body: { address: 'held' }, headers: { 'x-request-id': waited.replace('.', '0').padStart(32, 'a'), 'x-waited': waited } });
  const [early, late, over] = await Promise.all([held('3.000'), held('8.700'), held('12.000')]);
  await operator.query('SET GLOBAL read_only = OFF');
  operator.destroy();
  assert.deepEqual([early.headers['x-accel-redirect'], late.headers['x-accel-redirect'], over.headers['x-accel-redirect']], ['@again', undefined, undefined]);
  assert.deepEqual([early.status, late.status, over.status], [503, 503, 503]);
  assert.ok(early.ms > 950 && early.ms < 1500, `${early.ms} ms`);
  assert.ok(late.ms > 1250 && late.ms < 1800, `${late.ms} ms`);
  assert.ok(over.ms < 300, `${over.ms} ms`);
  assert.equal(over.headers['retry-after'], '1');
});

/** Starts the program and waits for its end. */
async function run(env: Readonly<Record<string, string>>): Promise<{ readonly code: number | null; readonly text: string }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], { env, cwd: '/', stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => { text += String(chunk); });
  const [code] = (await once(child, 'exit')) as [number | null];
  return { code, text };
}

test('wrong settings are all reported, a taken port is said', LIMIT, async () => {
  const { code, text } = await run({ PORT: '0', LOG_LEVEL: 'loud', COOKIE_SECRET: 'hunter2' });
  assert.equal(code, 78);
  for (const variable of ['PORT', 'LOG_LEVEL', 'COOKIE_SECRET', 'MYSQL_MEMBERS', 'MYSQL_SERVICE_PASSWORD', 'REDIS_SENTINELS']) assert.match(text, new RegExp(`^  ${variable}[: ]`, 'm'));
  assert.doesNotMatch(text, /hunter2/);

  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as { port: number };
  const second = await run({ ...stack.environment, PORT: String(port), METRICS_PORT: String(port + 1) });
  taken.close();
  assert.equal(second.code, 1);
  assert.match(second.text, new RegExp(`Listening on 127\\.0\\.0\\.1:${port} failed; free the port or set another one`));
});
