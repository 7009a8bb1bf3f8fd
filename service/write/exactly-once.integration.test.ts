import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { value } from '../../local/testing/replication.ts';
import { type Answer, ask, sameAnswer } from '../testing/http.ts';
import { type TestStack, type TestWeb, connectTo, startPair } from '../testing/stack.ts';
import { purgeKeys } from './purge.ts';
import { MemberTopology, watched } from '../topology/topology.ts';
import { createLog } from '../log.ts';

const LIMIT = { timeout: 60_000 };
const WAITED = { 'x-waited': '0.000' };
let stack: TestStack;
let webs: readonly [TestWeb, TestWeb];
let primary: Connection;

before(async () => {
  ({ stack, webs, primary } = await startPair());
  assert.equal((await post('first', {})).status, 201);
}, LIMIT);
after(async () => {
  (primary as Connection | undefined)?.destroy();
  await (stack as TestStack | undefined)?.stop();
});

const post = (address: string, headers: Readonly<Record<string, string>>, web = webs[0]): Promise<Answer> => ask(web.url, '/api/property', { method: 'POST', body: { address }, headers });
const count = (address: string): Promise<number> => value<number>(primary, 'SELECT COUNT(*) FROM property WHERE BINARY address = ?', [address]);
const executed = (): Promise<string> => value<string>(primary, 'SELECT @@global.gtid_executed');

test('the same key and body are executed once, and answered alike by every process', LIMIT, async () => {
  const first = await post('once', { 'idempotency-key': 'key-1' });
  const again = await post('once', { 'idempotency-key': 'key-1' }, webs[1]);
  assert.equal(first.status, 201);
  assert.deepEqual(sameAnswer(again), sameAnswer(first));
  assert.equal(await count('once'), 1);
});

test('forty at the same time with one key are one', LIMIT, async () => {
  const answers = await Promise.all(Array.from({ length: 40 }, (_, index) => post('crowd', { 'idempotency-key': 'crowd' }, webs[index % 2 === 0 ? 0 : 1])));
  assert.equal(new Set(answers.map((answer) => JSON.stringify(sameAnswer(answer)))).size, 1);
  assert.equal(answers[0]?.status, 201);
  assert.equal(await count('crowd'), 1);
});

test('another body under the same key is 422 and changes nothing; the same one with other blanks is the same', LIMIT, async () => {
  const first = await post('mine', { 'idempotency-key': 'key-2' });
  const other = await post('theirs', { 'idempotency-key': 'key-2' });
  assert.deepEqual([other.status, other.headers['content-type'], other.headers['set-cookie']], [422, 'application/problem+json', undefined]);
  assert.equal(await count('theirs'), 0);
  const blanks = await ask(webs[0].url, '/api/property', { method: 'POST', body: '{ "price": null,\n "address": "mine" }', headers: { 'idempotency-key': 'key-2' } });
  assert.deepEqual(sameAnswer(blanks), sameAnswer(first));
});

test('key-theft: keys that differ in case, kind, method or path are different requests', LIMIT, async () => {
  const id = 'ab'.repeat(16);
  const answers = [
    await post('theft', { 'idempotency-key': id }),
    await post('theft', { 'idempotency-key': id.toUpperCase() }),
    await post('theft', { 'x-request-id': id, ...WAITED }),
    // From a client that went around the edge: not taken for the edge's, however often it comes.
    await post('theft', { 'x-request-id': id }),
    await post('theft', { 'x-request-id': id }),
  ];
  assert.deepEqual(answers.map(({ status }) => status), [201, 201, 201, 201, 201]);
  assert.equal(new Set(answers.map(({ headers }) => headers['location'])).size, 5);
  const [path = ''] = answers.map(({ headers }) => String(headers['location']));
  const put = await ask(webs[0].url, path, { method: 'PUT', body: { address: 'theft' }, headers: { 'idempotency-key': id } });
  assert.equal(put.status, 200);
});

test('a key is 1 to 255 printable characters', LIMIT, async () => {
  assert.equal((await post('key', { 'idempotency-key': 'k'.repeat(255) })).status, 201);
  for (const key of ['', 'k'.repeat(256), 'k\u00e9y', 'k\ty']) assert.equal((await post('bad key', { 'idempotency-key': key })).status, 400, JSON.stringify(key));
  assert.equal(await count('bad key'), 0);
});

test('the edge’s id names a request, and a client’s own key goes before it', LIMIT, async () => {
  const edge = { 'x-request-id': 'cd'.repeat(16), ...WAITED };
  const first = await post('edge', edge);
  assert.deepEqual(sameAnswer(await post('edge', { ...edge, 'x-waited': '1.234' }, webs[1])), sameAnswer(first));
  assert.equal(await count('edge'), 1);
  await post('edge', { ...edge, 'idempotency-key': 'own' });
  assert.equal(await count('edge'), 2);
});

test('final 404, 412 and 204 are answered again, whatever has become of the property since', LIMIT, async () => {
  const { headers } = await post('short-lived', {});
  const path = String(headers['location']);
  const send = (method: string, key: string, extra: Readonly<Record<string, string>> = {}): Promise<Answer> =>
    ask(webs[0].url, path, { method, headers: { 'idempotency-key': key, ...extra }, ...(method === 'PUT' ? { body: { address: 'replaced' } } : {}) });

  assert.equal((await send('PUT', 'stale', { 'if-match': '"00000000000000000000000000000000"' })).status, 412);
  const put = await send('PUT', 'put');
  assert.equal((await send('DELETE', 'delete')).status, 204);
  assert.equal((await send('DELETE', 'late')).status, 404);
  await primary.query('INSERT INTO property (id, address) VALUES (?, ?)', [Number(path.split('/').at(-1)), 'back again']);

  assert.equal((await send('PUT', 'stale', { 'if-match': '"00000000000000000000000000000000"' })).status, 412);
  assert.deepEqual(sameAnswer(await send('PUT', 'put')), sameAnswer(put));
  assert.equal((await send('DELETE', 'delete')).status, 204);
  assert.equal((await send('DELETE', 'late')).status, 404);
  assert.equal(await count('back again'), 1);
});

test('no-op-acks, replay-acks: every answer of a write has committed something of its own', LIMIT, async () => {
  const { headers } = await post('unchanged', { 'idempotency-key': 'commits' });
  const path = String(headers['location']);
  const put = (body: object, extra: Readonly<Record<string, string>> = {}): Promise<Answer> => ask(webs[0].url, path, { method: 'PUT', body, headers: extra });
  const writes: readonly (readonly [string, () => Promise<Answer>, number])[] = [
    ['a replay', () => post('unchanged', { 'idempotency-key': 'commits' }), 201],
    ['another body', () => post('changed', { 'idempotency-key': 'commits' }), 422],
    ['a PUT that changes nothing', () => put({ address: 'unchanged' }), 200],
    ['412', () => put({ address: 'x' }, { 'if-match': '"00000000000000000000000000000000"' }), 412],
    ['404', () => ask(webs[0].url, '/api/property/999999999', { method: 'DELETE' }), 404],
  ];
  for (const [what, write, status] of writes) {
    const before = await executed();
    assert.equal((await write()).status, status, what);
    assert.notEqual(await executed(), before, what);
  }
});

test('old keys are purged in batches while their neighbours stay, by one process at a time', LIMIT, async () => {
  await primary.query('UPDATE idempotency_key SET created_at = NOW() - INTERVAL 23 HOUR');
  const young = await value<number>(primary, 'SELECT COUNT(*) FROM idempotency_key');
  const old = Array.from({ length: 250 }, (_, index) => [Buffer.alloc(32, `old ${index}`), Buffer.alloc(32), 201]);
  await primary.query('INSERT INTO idempotency_key (key_hash, body_hash, status, created_at) VALUES ?', [old.map((row) => [...row, '2001-01-01 00:00:00'])]);
  const members = stack.mysql.members.map((member) => watched({ member, user: 'holdfast_service', password: stack.mysql.passwords.service, database: 'holdfast' }, 4));
  const topology = new MemberTopology({ members, log: createLog('test', 'silent'), now: () => performance.now(), random: Math.random });
  const purged = new AbortController();
  const unrelated: number[] = [];
  topology.start();
  try {
    const found = await topology.waitForPrimary(AbortSignal.timeout(5000));
    await primary.query("SELECT GET_LOCK('holdfast.purge', 0)");
    const { sets } = await found.pool.run('CALL purge_idempotency_keys_v1(24, 100)', [], { deadlineMs: 2000 });
    assert.deepEqual(sets[0], [{ gone: null }], 'another one is at it');
    await primary.query("DO RELEASE_LOCK('holdfast.purge')");

    const purging = purgeKeys({ topology, cache: { noteUnrelated: (version) => Promise.resolve(void unrelated.push(version.n)) }, log: createLog('test', 'silent'), signal: purged.signal }, { keepHours: 24, batch: 100, pauseMs: 10, restMs: 10 });
    while ((await value<number>(primary, 'SELECT COUNT(*) FROM idempotency_key')) > young) assert.equal((await post('meanwhile', { 'idempotency-key': 'commits' })).status, 422);
    purged.abort();
    await purging;
  } finally {
    purged.abort();
    await topology.stop();
  }
  assert.equal(await value<number>(primary, 'SELECT COUNT(*) FROM idempotency_key'), young);
  assert.equal(unrelated.length, 3, 'each of its transactions is known to change no page');
});

test('a purged key is a new one', LIMIT, async () => {
  await post('twice', { 'idempotency-key': 'purged' });
  await primary.query('DELETE FROM idempotency_key');
  await post('twice', { 'idempotency-key': 'purged' });
  assert.equal(await count('twice'), 2);
});

test('a client that has just written is marked, and all members have the same rows in the end', LIMIT, async () => {
  const { headers } = await post('seen', {});
  assert.match(String(headers['set-cookie']), /^holdfast_seen=1\.\d+\.[0-9a-f-]{36}\.[\w-]{22}; Path=\/; Max-Age=10; HttpOnly; SameSite=Lax$/);
  const wanted = await executed();
  for (const index of [1, 2]) {
    const replica = await connectTo(stack, index, 'operator');
    await replica.query('SELECT WAIT_FOR_EXECUTED_GTID_SET(?, 10)', [wanted]);
    const [rows] = await replica.query<RowDataPacket[]>('CHECKSUM TABLE property, idempotency_key, cache_generation');
    const [expected] = await primary.query<RowDataPacket[]>('CHECKSUM TABLE property, idempotency_key, cache_generation');
    assert.deepEqual(rows, expected);
    replica.destroy();
  }
});
