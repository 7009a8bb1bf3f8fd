import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { value } from '../../local/testing/replication.ts';
import { waitFor } from '../../local/testing/wait.ts';
import { type Answer, ask } from '../testing/http.ts';
import { startLoad } from '../testing/load.ts';
import { type TestStack, type TestWeb, startStack } from '../testing/stack.ts';

/** Stories after which the cluster is as it was: one for all. */
const LIMIT = { timeout: 60_000 };
let stack: TestStack;
let primary: Connection;

before(async () => {
  stack = await startStack();
  const found = await stack.mysql.members[0]?.connect('operator', { database: 'holdfast' });
  assert.ok(found);
  primary = found;
}, LIMIT);
after(async () => {
  (primary as Connection | undefined)?.destroy();
  await stack.stop();
});

async function startWeb(name: string, settings: Readonly<Record<string, string>> = {}): Promise<TestWeb> {
  const web = await stack.startWeb(name, settings);
  // The first write waits for the migrations; when it began too early, it is replayed.
  await waitFor('the first write', async () => (await post(web, 'first', `first ${name}`)).status === 201);
  return web;
}

const post = (web: TestWeb, address: string, key: string): Promise<Answer> => ask(web.url, '/api/property', { method: 'POST', body: { address }, headers: { 'idempotency-key': key } });
const count = (address: string): Promise<number> => value<number>(primary, 'SELECT COUNT(*) FROM property WHERE address = ?', [address]);

async function onReplicas(sql: string): Promise<void> {
  await Promise.all(stack.mysql.members.slice(1).map(async (member) => {
    const connection = await member.connect('operator');
    await connection.query(sql);
    connection.destroy();
  }));
}

/** Resolves when a commit waits for its acknowledgement. */
const commitHangs = (): Promise<void> =>
  waitFor('a commit to hang', async () => {
    const [rows] = await primary.query<(RowDataPacket & { State: string | null })[]>('SHOW PROCESSLIST');
    return rows.some(({ State }) => State?.startsWith('Waiting for semi-sync ACK') === true);
  });

test('a hung first attempt that commits after all is replayed, not repeated', LIMIT, async () => {
  const web = await startWeb('web-hung');
  await Promise.all(stack.mysql.members.slice(1).map((member) => member.freeze()));
  const pending = post(web, 'hung', 'hung');
  await commitHangs();
  // Longer than a statement may take: the second attempt waits for the first one's key.
  await sleep(3500);
  await Promise.all(stack.mysql.members.slice(1).map((member) => member.thaw()));
  const answer = await pending;
  assert.equal(answer.status, 201);
  assert.equal((await post(web, 'hung', 'hung')).body, answer.body);
  assert.equal(await count('hung'), 1);
});

test('a write whose outcome is unknown is 503, and the same key finds out', LIMIT, async () => {
  const [web, other] = [await startWeb('web-0', { WRITE_DEADLINE_MS: '1500' }), await startWeb('web-1')];
  await onReplicas('STOP REPLICA IO_THREAD');
  const unknown = await post(web, 'unknown', 'unknown');
  assert.deepEqual([unknown.status, unknown.headers['retry-after'], unknown.headers['content-type']], [503, '1', 'application/problem+json']);
  assert.ok(unknown.ms > 1400 && unknown.ms < 2200, `${unknown.ms} ms`);
  await onReplicas('START REPLICA IO_THREAD');
  const answer = await post(other, 'unknown', 'unknown');
  assert.equal(answer.status, 201);
  assert.equal(await count('unknown'), 1);
});

test('frozen-in-transaction: what a frozen process had begun, another one finishes at once', LIMIT, async () => {
  const [frozen, other] = [await startWeb('web-frozen'), await startWeb('web-other')];
  const background = startLoad([frozen.url], { writers: 8, readers: 0 });
  const edge = (index: number): Readonly<Record<string, string>> => ({ 'x-request-id': index.toString(16).padStart(32, '0'), 'x-waited': '0.000' });
  const send = (web: TestWeb, index: number): Promise<Answer> => ask(web.url, '/api/property', { method: 'POST', body: { address: `taken over ${index}` }, headers: edge(index) });
  for (let index = 0; index < 12; index += 1) {
    const first = send(frozen, index);
    await sleep(index % 6);
    await frozen.kill('SIGSTOP');
    const second = await send(other, index);
    await frozen.kill('SIGCONT');
    assert.equal(second.status, 201);
    assert.ok(second.ms < 1900, `it took ${second.ms} ms`);
    assert.equal((await first).body, second.body);
    assert.equal(await count(`taken over ${index}`), 1);
  }
  assert.deepEqual((await background()).failures, []);
});
