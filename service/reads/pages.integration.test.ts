import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import type { Select } from '../ports.ts';
import { ask } from '../testing/http.ts';
import { type TestStack, startStack } from '../testing/stack.ts';
import { waitFor } from '../../local/testing/wait.ts';
import { value } from '../../local/testing/replication.ts';
import { type Page, type PageRequest, fillList, readPageText } from './pages.ts';

const LIMIT = { timeout: 90_000 };
const ROWS = 20_000;
let stack: TestStack;
let connection: Connection;

const seed = (...args: readonly string[]): Promise<{ stdout: string; stderr: string }> =>
  promisify(execFile)(process.execPath, [join(import.meta.dirname, '../seed.ts'), ...args], { env: { ...process.env, ...stack.environment } });

before(async () => {
  stack = await startStack();
  const web = await stack.startWeb('web-0');
  await waitFor('the migrations', async () => (await ask(web.url, '/api/property')).status === 200);
  const found = await stack.mysql.members[0]?.connect('migration', { port: 'normal', database: 'holdfast' });
  assert.ok(found);
  connection = found;
}, LIMIT);
after(async () => {
  (connection as Connection | undefined)?.destroy();
  await stack.stop();
});

/** As the pool would: times and decimals are text. */
const select: Select = async (sql, values) => {
  const [rows] = await connection.query<RowDataPacket[]>({ sql, dateStrings: true }, [...values]);
  return rows;
};

async function page(request: PageRequest): Promise<Page> {
  const read = readPageText((await fillList(request)(select)).page);
  assert.ok(read);
  return read;
}

/** Rows and index entries that this session has touched so far. */
async function touches(): Promise<number> {
  const [rows] = await connection.query<(RowDataPacket & { Value: string })[]>("SHOW SESSION STATUS LIKE 'Handler_read%'");
  return rows.reduce((sum, { Value }) => sum + Number(Value), 0);
}

async function touched(run: () => Promise<unknown>): Promise<number> {
  const before = await touches();
  await run();
  return (await touches()) - before;
}

test('the seed adds its properties through the primary, twice when it is run twice, and refuses nonsense', LIMIT, async () => {
  const { stdout } = await seed('--rows', String(ROWS / 2), '--seed', '1');
  assert.match(stdout, /^1,000 of 10,000 rows\n(?:.*\n)*10,000 rows added in \d+\.\d s\n$/);
  await seed('--rows', String(ROWS / 2), '--seed', '1');
  assert.equal(await value(connection, 'SELECT COUNT(*) FROM property'), ROWS);
  assert.equal(await value(connection, 'SELECT COUNT(DISTINCT link) FROM property'), ROWS / 2);
  for (const args of [['--rows', '0'], ['--rows', 'many'], [], ['--rows', '1', '--colour', 'red']]) await assert.rejects(seed(...args), { code: 2 });
});

test('cursors walk the whole list in its order, across those without a time and those with the same', LIMIT, async () => {
  // A quarter shares one moment, and some have none.
  await connection.query("UPDATE property SET sold_time = '2012-01-01 00:00:00' WHERE id % 4 = 0");
  const [all] = await connection.query<(RowDataPacket & { id: number })[]>('SELECT id FROM property ORDER BY sold_time IS NOT NULL, sold_time, id');
  const walked: number[] = [];
  for (let request: PageRequest | undefined = { limit: 100, start: 0 }; request !== undefined; ) {
    const { body, next }: Page = await page(request);
    walked.push(...(JSON.parse(body) as readonly { id: number }[]).map(({ id }) => id));
    request = next === undefined ? undefined : { limit: 100, after: next };
  }
  assert.deepEqual(walked, all.map(({ id }) => id));
});

test('the thousandth page by cursor costs what the first one does', LIMIT, async () => {
  const first = await touched(() => page({ limit: 10, start: 0 }));
  const places = await connection.query<(RowDataPacket & { soldTime: string | null; id: number })[]>({
    // Behind 10, 1,000, 10,000 and 19,900 others: without a time, in the crowd of one moment, and near the end.
    sql: `SELECT sold_time AS soldTime, id FROM (SELECT sold_time, id, ROW_NUMBER() OVER (ORDER BY sold_time, id) AS place FROM property) AS places WHERE place IN (10, 1000, 10000, ${ROWS - 100})`,
    dateStrings: true,
  });
  for (const { soldTime, id } of places[0]) {
    const cost = await touched(() => page({ limit: 10, after: { soldTime, id } }));
    assert.ok(cost <= first + 40, `${cost} against ${first} for the first page, behind ${soldTime} ${id}`);
  }
  assert.ok((await touched(() => page({ limit: 10, start: 10_000 }))) > 10_000, 'an offset does cost');
});
