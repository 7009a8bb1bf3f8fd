import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { value } from '../../local/testing/replication.ts';
import { waitFor } from '../../local/testing/wait.ts';
import { toValues } from '../api/property.ts';
import { BATCH_PROCEDURES } from '../migrations/batch-procedures.ts';
import { type Answer, ask, sameAnswer } from '../testing/http.ts';
import { promote } from '../testing/promote.ts';
import { type TestStack, type TestWeb, connectTo, startPair } from '../testing/stack.ts';
import { bodyHash, keyHash } from './key.ts';

const LIMIT = { timeout: 60_000 };
const PATH = '/api/property';
let stack: TestStack;
let webs: readonly [TestWeb, TestWeb];
let primary: Connection;

before(async () => {
  ({ stack, webs, primary } = await startPair());
  // The first write waits for the migrations; when it began too early, it is replayed.
  for (const web of webs) await waitFor('the first write', async () => (await post('first', web.name, web)).status === 201);
}, LIMIT);
after(async () => {
  (primary as Connection | undefined)?.destroy();
  await (stack as TestStack | undefined)?.stop();
});

const send = (body: object, key: string, web = webs[0]): Promise<Answer> => ask(web.url, PATH, { method: 'POST', body, headers: { 'idempotency-key': key } });
const post = (address: string, key: string, web = webs[0]): Promise<Answer> => send({ address }, key, web);
const crowd = (what: string, count: number, web = webs[0]): Promise<Answer>[] => Array.from({ length: count }, (_, index) => post(what, `${what} ${index}`, web));
const count = (address: string): Promise<number> => value<number>(primary, 'SELECT COUNT(*) FROM property WHERE BINARY address = ?', [address]);
const statuses = (answers: readonly Answer[]): readonly number[] => [...new Set(answers.map(({ status }) => status))];

/** Transactions that this process has sent, and writes in them. */
async function sent(web = webs[0]): Promise<{ readonly transactions: number; readonly writes: number }> {
  const metrics = await (await fetch(web.metricsUrl)).text();
  const read = (name: string): number => Number(new RegExp(`^holdfast_writes_per_transaction_${name} (\\d+)$`, 'm').exec(metrics)?.[1]);
  return { transactions: read('count'), writes: read('sum') };
}

async function onReplicas(change: 'freeze' | 'thaw'): Promise<void> {
  await Promise.all(stack.mysql.members.slice(1).map((member) => member[change]()));
}

const BODIES: readonly object[] = [
  { address: `it's "12" \\ Street; -- \u0000\b\t\r\n\u001a %_ \u{1F3E0} e\u0301 \u00e9 \uFEFF ? ?`, suburb_name: '', property_type: null, price: 0 },
  { address: ' trailing  ', suburb_name: 'null', property_type: "'); DROP TABLE property; --", price: 0.01, bedrooms: 0, sold_time: '1000-01-01T00:00:00Z' },
  { address: '\u{1F3E0}'.repeat(127), suburb_name: '\u4e2d'.repeat(255), property_type: '\\"'.repeat(50), price: 9_999_999_999_999.99, land_size: 4_294_967_295, sold_time: '9999-12-31T23:59:59Z' },
  { address: '0', price: 0.1, bedrooms: 1, bathrooms: 2, carparks: 3, land_size: 4, sold_time: '2016-05-07T10:00:00+10:00', link: "https://example.com/o'b?x=[1]&y=%22" },
  { address: '{"a":[null,true]}', price: 1_234_567_890.1, bedrooms: null, link: null },
];

test('many at once become fewer transactions, each is there once as if it had been alone', LIMIT, async () => {
  const alone: Answer[] = [];
  for (const [index, body] of BODIES.entries()) alone.push(await send(body, `alone ${index}`));
  const begun = await sent();
  const answers = await Promise.all(Array.from({ length: 100 }, (_, index) => send(BODIES[index % 5] ?? {}, `many ${index}`)));
  const ended = await sent();
  assert.deepEqual(statuses(answers), [201]);
  assert.ok(ended.transactions - begun.transactions < 50, `${ended.transactions - begun.transactions} transactions`);
  assert.equal(ended.writes - begun.writes, 100);
  assert.equal(new Set(answers.map(({ headers }) => headers['location'])).size, 100);
  // The ETag is a hash over the row: the same as of the one that was written by parameters.
  assert.deepEqual(answers.map(({ headers }) => headers.etag), answers.map((_, index) => alone[index % 5]?.headers.etag));
  for (const answer of answers) {
    const read = await ask(webs[1].url, String(answer.headers['location']));
    assert.deepEqual([read.status, read.body, read.headers.etag], [200, answer.body, answer.headers.etag]);
  }
});

test('a key that comes several times, in one batch and in two processes, is executed once', LIMIT, async () => {
  const answers = await Promise.all(Array.from({ length: 80 }, (_, index) => post('several', `several ${index % 10}`, webs[index % 20 < 10 ? 0 : 1])));
  assert.deepEqual(statuses(answers), [201]);
  assert.equal(new Set(answers.map((answer) => JSON.stringify(sameAnswer(answer)))).size, 10);
  assert.equal(await count('several'), 10);
});

test('among new ones a replay is answered as at first, and another body under its key is 422 for that one only', LIMIT, async () => {
  const first = await post('known', 'known');
  const begun = await sent();
  const fresh = crowd('fresh', 20);
  const replay = post('known', 'known');
  const other = post('unwanted', 'known');
  const more = crowd('fresher', 20);
  const twice = [post('either', 'either'), post('or', 'either')];
  assert.deepEqual(statuses(await Promise.all([...fresh, ...more])), [201]);
  assert.deepEqual(sameAnswer(await replay), sameAnswer(first));
  assert.equal((await other).status, 422);
  assert.deepEqual(new Set((await Promise.all(twice)).map(({ status }) => status)), new Set([201, 422]));
  const ended = await sent();
  assert.ok(ended.transactions - begun.transactions < 22, `${ended.transactions - begun.transactions} transactions`);
  assert.deepEqual([await count('fresh'), await count('fresher'), await count('known'), await count('unwanted')], [20, 20, 1, 0]);
  assert.equal((await count('either')) + (await count('or')), 1);
});

test('a key that becomes known in the middle of a batch is replayed, its neighbours are done', LIMIT, async () => {
  const [locker, member] = [await connectTo(stack, 0, 'migration'), await connectTo(stack, 0, 'operator')];
  const transactionsWait = (count: number): Promise<void> => waitFor(`${count} transactions to wait for the table`, async () => {
    const [rows] = await member.query<(RowDataPacket & { State: string | null })[]>('SHOW PROCESSLIST');
    return rows.filter(({ State }) => State === 'Waiting for table metadata lock').length === count;
  });
  const hashOf = (name: string): Buffer => keyHash({ kind: 'client', method: 'POST', path: PATH, key: name });
  // The batch waits with its first row, when it has looked for that key and not found it: the smallest hash.
  const name = Array.from({ length: 10_000 }, (_, index) => `stolen ${index}`).find((one) => hashOf(one)[0] === 0 && (hashOf(one)[1] ?? 255) < 16);
  assert.ok(name);
  const key = hashOf(name);
  assert.ok(Array.from({ length: 8 }, (_, index) => hashOf(`neighbour ${index}`)).every((other) => other.compare(key) > 0));
  await locker.query('LOCK TABLES property WRITE');
  const before = crowd('ahead', 2);
  await transactionsWait(2);
  const waiting = crowd('neighbour', 8);
  const known = post('stolen', name);
  await transactionsWait(3);
  const body = bodyHash({ kind: 'create', values: toValues({ address: 'stolen' }) });
  await primary.query('INSERT INTO idempotency_key (key_hash, body_hash, status, property_id, etag) VALUES (?, ?, 201, 777777, ?)', [key, body, Buffer.alloc(16)]);
  await locker.query('UNLOCK TABLES');
  assert.deepEqual(statuses(await Promise.all([...before, ...waiting])), [201]);
  assert.equal((await known).headers['location'], '/api/property/777777');
  assert.deepEqual([await count('neighbour'), await count('stolen')], [8, 0]);
  assert.match(webs[0].log(), /A key of the batch became known/);
  locker.destroy();
  member.destroy();
});

test('a procedure that is not there or fails harms nobody: each is tried alone', LIMIT, async () => {
  try {
    await primary.query('DROP PROCEDURE create_properties_v1');
    assert.deepEqual(statuses(await Promise.all(crowd('not there', 30))), [201]);
    await primary.query("CREATE PROCEDURE create_properties_v1(IN the_batch JSON) SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = 1406, MESSAGE_TEXT = 'one bad row'");
    assert.deepEqual(statuses(await Promise.all(crowd('bad', 30))), [201]);
  } finally {
    for (const statement of BATCH_PROCEDURES) await primary.query(statement);
  }
  assert.deepEqual([await count('not there'), await count('bad')], [30, 30]);
  assert.match(webs[0].log(), /one bad row/);
});

test('a client that goes away from a batch leaves its neighbours as they are', LIMIT, async () => {
  await onReplicas('freeze');
  const first = crowd('hung', 1);
  const gone = request(`${webs[0].url}${PATH}`, { method: 'POST', headers: { 'content-type': 'application/json' } });
  gone.on('error', () => undefined);
  gone.end(JSON.stringify({ address: 'gone' }));
  const neighbours = crowd('beside', 10);
  await sleep(400);
  gone.destroy();
  await sleep(100);
  await onReplicas('thaw');
  assert.deepEqual(statuses(await Promise.all([...first, ...neighbours])), [201]);
  assert.equal(await count('beside'), 10);
  assert.ok((await count('gone')) <= 1);
});

test('a stopping process hands back a write that waits for its batch, and finishes those of its own clients', LIMIT, async () => {
  const web = await stack.startWeb('web-2');
  assert.equal((await post('warm', 'warm', web)).status, 201);
  await onReplicas('freeze');
  const own = crowd('own', 5, web);
  const edge = Array.from({ length: 5 }, (_, index) =>
    ask(web.url, PATH, { method: 'POST', body: { address: 'of the edge' }, headers: { 'x-request-id': index.toString(16).padStart(32, 'b'), 'x-waited': '0.100' } }));
  await sleep(100);
  const ended = web.kill('SIGTERM');
  const again = await Promise.all(edge);
  assert.deepEqual([...new Set(again.map(({ status, headers }) => `${status} ${String(headers['x-accel-redirect'])}`))], ['503 @again']);
  await onReplicas('thaw');
  assert.deepEqual(statuses(await Promise.all(own)), [201]);
  await ended;
  assert.equal(await web.exitCode(), 0);
  assert.equal(await count('own'), 5);
  assert.ok((await count('of the edge')) <= 5);
});

test('kill -9 of the primary under batched load: nothing acknowledged is lost, nothing is there twice, and keys replay', { timeout: 90_000 }, async () => {
  const [old, candidate, third] = stack.mysql.members;
  assert.ok(old && candidate && third);
  const answers = new Map<string, Answer>();
  const over = new AbortController();
  const writers = Array.from({ length: 64 }, async (_, writer) => {
    for (let turn = 0; !over.signal.aborted; turn += 1) {
      const key = `load ${writer} ${turn}`;
      answers.set(key, await post(key, key, webs[writer % 2 === 0 ? 0 : 1]));
    }
  });
  await sleep(700);
  await old.kill('SIGKILL');
  await promote(candidate, [third], 2);
  await sleep(1500);
  over.abort();
  await Promise.all(writers);
  assert.deepEqual(statuses([...answers.values()]), [201]);
  primary.destroy();
  primary = await candidate.connect('migration', { port: 'normal', database: 'holdfast' });
  const [rows] = await primary.query<(RowDataPacket & { address: string; id: number })[]>("SELECT address, id FROM property WHERE address LIKE 'load %'");
  assert.equal(new Set(rows.map(({ address }) => address)).size, rows.length, 'nothing is there twice');
  assert.deepEqual(rows.map(({ address, id }) => `${address} ${PATH}/${id}`).toSorted(), [...answers].map(([key, { headers }]) => `${key} ${String(headers['location'])}`).toSorted());
  const again = await Promise.all([...answers].slice(-200).map(async ([key, answer]) => [sameAnswer(await post(key, key, webs[1])), sameAnswer(answer)] as const));
  for (const [replay, answer] of again) assert.deepEqual(replay, answer);
});
