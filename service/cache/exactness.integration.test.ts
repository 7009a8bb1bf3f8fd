import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { RowDataPacket } from 'mysql2/promise';
import { API_PATH } from '../../common/names.ts';
import { randomFrom } from '../../common/random.ts';
import { waitFor } from '../../local/testing/wait.ts';
import { ask } from '../testing/http.ts';
import { type TestPair, startPair } from '../testing/stack.ts';

// A write makes those pages anew that it makes other pages of, and leaves the others in the cache: on real servers, through the API.

const LIMIT = { timeout: 120_000 };
const ROWS = 60;
const TIMES = [null, '2016-05-01T00:00:00Z', '2016-05-02T00:00:00Z', '2016-05-03T00:00:00Z', '2016-05-04T00:00:00Z'];
let pair: TestPair;

before(async () => {
  pair = await startPair();
  const [{ url }] = pair.webs;
  await waitFor('the migrations', async () => (await ask(url, API_PATH)).status === 200);
  for (let row = 0; row < ROWS; row += 1) await create(url, TIMES[row % TIMES.length] ?? null);
}, LIMIT);
after(() => (pair as TestPair | undefined)?.stack.stop());

interface Row {
  readonly id: number;
  readonly price: number;
}

async function create(url: string, soldTime: string | null, price = 1): Promise<number> {
  const answer = await ask(url, API_PATH, { method: 'POST', body: { address: 'x', price, sold_time: soldTime } });
  assert.equal(answer.status, 201);
  return (answer.json() as Row).id;
}

/** All in the list's order, as MySQL has them. */
async function listed(): Promise<readonly Row[]> {
  const [rows] = await pair.primary.query<RowDataPacket[]>('SELECT id, price FROM property ORDER BY sold_time, id');
  return rows.map(({ id, price }) => ({ id: Number(id), price: Number(price) }));
}

/** A page with the path of the next one. */
async function page(url: string, path: string): Promise<{ readonly rows: readonly Row[]; readonly next: string | undefined }> {
  const answer = await ask(url, path);
  assert.deepEqual([answer.status, answer.headers['x-freshness']], [200, undefined]);
  return { rows: (answer.json() as readonly Row[]).map(({ id, price }) => ({ id, price })), next: /^<([^>]+)>/.exec(String(answer.headers['link']))?.[1] };
}

/** What a process has counted. */
async function counted(name: string): Promise<number> {
  const texts = await Promise.all(pair.webs.map(async ({ metricsUrl }) => (await ask(metricsUrl, '/metrics')).body));
  return texts.flatMap((text) => text.split('\n')).filter((line) => line.startsWith(name)).reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

test('after every write every page of every process shows it, and most come from the cache all the same', LIMIT, async () => {
  const random = randomFrom(2026);
  const oneOf = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const cursors: { path: string; behind: number }[] = [];
  for (const start of [0, 10, 30]) {
    const { rows, next } = await page(pair.webs[0].url, `${API_PATH}?start=${start}&limit=10`);
    cursors.push({ path: String(next), behind: rows.at(-1)?.id ?? 0 });
  }
  // Those by whose place the cursors go stay where they are.
  const fixed = new Set(cursors.map(({ behind }) => behind));
  const [hits, whole] = [await counted('holdfast_cache_hits_total'), await counted('holdfast_cache_invalidations_total{how="raised-whole"}')];
  for (let round = 0; round < 150; round += 1) {
    const writer = oneOf(pair.webs);
    const { id } = oneOf((await listed()).filter((row) => !fixed.has(row.id)));
    const kind = random();
    if (kind < 0.4) await create(writer.url, oneOf(TIMES), round);
    else if (kind < 0.8) assert.equal((await ask(writer.url, `${API_PATH}/${id}`, { method: 'PUT', body: { address: 'x', price: round, sold_time: oneOf(TIMES) } })).status, 200);
    else assert.equal((await ask(writer.url, `${API_PATH}/${id}`, { method: 'DELETE' })).status, 204);
    const list = await listed();
    for (const { url } of pair.webs) {
      for (const start of [0, 10, 20, 40]) assert.deepEqual((await page(url, `${API_PATH}?start=${start}&limit=10`)).rows, list.slice(start, start + 10), `round ${round}, from ${start}`);
      for (const { path, behind } of cursors) {
        const from = list.findIndex((row) => row.id === behind) + 1;
        assert.deepEqual((await page(url, path)).rows, list.slice(from, from + 10), `round ${round}, behind ${behind}`);
      }
      assert.equal((await ask(url, `${API_PATH}/${id}`)).status, list.some((row) => row.id === id) ? 200 : 404);
    }
  }
  const part = ((await counted('holdfast_cache_hits_total')) - hits) / (150 * 2 * 8);
  assert.ok(part > 0.5, `only ${(part * 100).toFixed(0)} % of the pages came from the cache`);
  assert.equal((await counted('holdfast_cache_invalidations_total{how="raised-whole"}')) - whole, 0, 'one after the other, no write has to wait for another to be logged');
});

test('a replay, a 404 and a 412 make every page anew, and the same rows by hand are seen within a second or two', LIMIT, async () => {
  const [{ url }] = pair.webs;
  const whole = (): Promise<number> => counted('holdfast_cache_invalidations_total{how="raised-whole"}');
  const before = await whole();
  const body = { address: 'x', price: 5 };
  const headers = { 'idempotency-key': 'again' };
  const [first, second] = [await ask(url, API_PATH, { method: 'POST', body, headers }), await ask(url, API_PATH, { method: 'POST', body, headers })];
  assert.equal(first.body, second.body);
  assert.equal((await ask(url, `${API_PATH}/999999`, { method: 'DELETE' })).status, 404);
  const { id } = first.json() as Row;
  assert.equal((await ask(url, `${API_PATH}/${id}`, { method: 'PUT', body, headers: { 'if-match': '"0123456789ABCDEF0123456789ABCDEF"' } })).status, 412);
  assert.equal((await whole()) - before, 3);
  for (let times = 0; times < 2; times += 1) assert.equal(((await ask(url, `${API_PATH}/${id}`)).json() as Row).price, 5);
  await pair.primary.query('UPDATE property SET price = 77 WHERE id = ?', [id]);
  await waitFor('what was written past the service', async () => ((await ask(url, `${API_PATH}/${id}`)).json() as Row).price === 77, 3000);
});
