import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { API_PATH } from '../../common/names.ts';
import { waitFor } from '../../local/testing/wait.ts';
import { checkHistory } from '../history/check.ts';
import { Recorder } from '../history/recorder.ts';
import { checkRows } from '../verdict/check.ts';
import { checkReads } from '../verdict/reads.ts';
import { Client } from './client.ts';
import { figuresOf, type History } from './history.ts';
import { startLoad, type LoadOptions } from './load.ts';
import { MemoryService, type Faults } from './testing.ts';

const OPTIONS: LoadOptions = { writers: 4, readers: 6, writePauseMs: 4, readPauseMs: 4, timeoutMs: 2000 };
const LIMIT = { timeout: 20_000 };

/** Creates and asks for pages, and never changes a row. */
const CREATING: LoadOptions = { ...OPTIONS, random: () => 0.99 };

/** Enough for each kind of operation to come up. */
const OPERATIONS = 1000;

/** Loads a service of the tests with {@link OPERATIONS}, however long that takes. */
async function loaded(faults: Faults, options = OPTIONS): Promise<{ history: History; service: MemoryService }> {
  const service = await MemoryService.start(faults);
  try {
    const load = startLoad([service.url], 'drill', () => performance.now(), options);
    while (load.count() < OPERATIONS) await sleep(10);
    await waitFor('a load worth checking', () => Promise.resolve(service.asked >= options.readers * 40), 10_000).catch(() => undefined);
    return { history: await load.stop(), service };
  } finally {
    await service.stop();
  }
}

const isRow = (row: number) => (address: string): boolean => address === `drill ${row}`;

test('a service that works is found to work', LIMIT, async () => {
  const { history, service } = await loaded({});
  const figures = figuresOf(history);
  assert.ok(figures.requests >= OPERATIONS, `${figures.requests} requests`);
  assert.equal(figures.failed, 0);
  assert.deepEqual(new Set(history.operations.map((one) => one.kind)), new Set(['create', 'replace', 'delete', 'read', 'list']));
  assert.deepEqual(checkRows(history, service.stored('drill')), []);
  const reads = checkReads(history, service.stored('drill'));
  assert.deepEqual(reads.findings, []);
  assert.ok(reads.compared > 50, `${reads.compared} reads compared`);
});

test('each worker keeps one connection', LIMIT, async () => {
  const { history } = await loaded({});
  const connections = new Set(history.operations.map((one) => one.connection?.id));
  assert.equal(connections.size, 10);
  assert.ok(history.operations.every((one) => (one.connection?.localPort ?? 0) > 0));
});

test('a service that forgets an acknowledged row is found out', LIMIT, async () => {
  const { history, service } = await loaded({ forget: isRow(5) }, CREATING);
  const lost = checkRows(history, service.stored('drill'));
  assert.deepEqual(lost, [{ kind: 'lost', text: 'drill 5: version 1 was acknowledged, and no row is there.' }]);
});

test('a service that keeps a row twice is found out', LIMIT, async () => {
  const { history, service } = await loaded({ double: isRow(5) }, CREATING);
  assert.deepEqual(checkRows(history, service.stored('drill')).map((finding) => finding.kind), ['duplicated']);
});

test('a service that answers old pages is found out', LIMIT, async () => {
  const { history, service } = await loaded({ stale: true });
  assert.ok(checkReads(history, service.stored('drill')).findings.some((finding) => finding.kind === 'stale'));
});

test('a broken connection is a failed request, is not sent again, and its row may be there', LIMIT, async () => {
  const { history, service } = await loaded({ hangUp: isRow(5) }, CREATING);
  const failed = history.operations.filter((one) => one.failure !== null);
  assert.deepEqual(failed.map((one) => [one.kind, one.status, one.failure, one.change?.row]), [['create', null, 'ECONNRESET', 5]]);
  assert.equal(service.stored('drill').filter((one) => one.row === 5).length, 1);
  assert.deepEqual(checkRows(history, service.stored('drill')), []);
});

test('a service that is not there fails every request, and acknowledges nothing', LIMIT, async () => {
  const service = await MemoryService.start();
  const url = service.url;
  await service.stop();
  const load = startLoad([url], 'drill', () => performance.now(), OPTIONS);
  while (load.count() < 10) await sleep(10);
  const history = await load.stop();
  const figures = figuresOf(history);
  assert.equal(figures.acknowledgedWrites, 0);
  assert.ok(figures.failed > 0 && figures.failed === figures.requests);
  assert.ok(history.operations.every((one) => one.failure === 'ECONNREFUSED'));
});

test('of two addresses each has half of the clients, and one that is not there costs nobody a request', LIMIT, async () => {
  const [there, gone] = [await MemoryService.start(), await MemoryService.start()];
  const urls = [there.url, gone.url];
  const load = startLoad(urls, 'drill', () => performance.now(), CREATING);
  while (load.count() < 200) await sleep(10);
  await gone.stop();
  const before = load.count();
  while (load.count() < before + 200) await sleep(10);
  const history = await load.stop();
  await there.stop();
  const count = (url: string | undefined) => new Set(history.operations.filter((one) => one.connection?.address === url).map((one) => one.worker)).size;
  assert.deepEqual([count(urls[0]), count(urls[1])], [10, 5]);
  // Its own connections end with it: what was under way on them has failed, and nothing else.
  assert.deepEqual(history.operations.filter((one) => one.failure !== null && one.connection?.address !== urls[1]), []);
});

test('a client does not wait for an address that does not answer its connect', LIMIT, async () => {
  const there = await MemoryService.start();
  const { url } = there;
  // Set aside for documentation (RFC 5737): nobody answers there, or the system says at once that nobody can.
  const client = new Client(['http://192.0.2.1:9', url], 5000, { now: () => performance.now(), nextConnection: () => 1 });
  const answer = await client.ask({ method: 'GET', path: `${API_PATH}?start=0&limit=1` });
  client.close();
  await there.stop();
  assert.ok(answer.kind === 'whole', JSON.stringify(answer));
  assert.equal(answer.connection.address, url);
});

/** Lets clients contend for a few rows, has everything written down, and checks that alone. */
async function contended(faults: Faults) {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-history-'));
  const service = await MemoryService.start(faults);
  try {
    const notes = new Recorder(join(folder, 'history.jsonl'), 'drill', () => performance.now());
    const load = startLoad([service.url], 'drill', () => performance.now(), { ...OPTIONS, contenders: 6, notes });
    while (load.count() < 2 * OPERATIONS) await sleep(10);
    const history = await load.stop();
    await notes.finish(service.properties);
    return { history, verdict: checkHistory(readFileSync(notes.file, 'utf8')) };
  } finally {
    await service.stop();
    rmSync(folder, { recursive: true });
  }
}

test('what clients that contend are answered by a service that works passes every check', LIMIT, async () => {
  const { history, verdict } = await contended({});
  assert.deepEqual(verdict.wrong, []);
  assert.equal(verdict.undecided, 0);
  assert.equal(figuresOf(history).failed, 0);
  const contender = history.operations.filter((one) => one.worker.startsWith('contender'));
  assert.deepEqual(new Set(contender.map((one) => one.kind)), new Set(['create', 'replace', 'delete', 'read', 'list']));
  assert.ok(contender.some((one) => one.status === 412), 'no conditional write was refused');
});

test('a service that carries out a request again whose key it knows is found out', LIMIT, async () => {
  const { verdict } = await contended({ forgetKeys: true });
  assert.ok(verdict.wrong.some(({ kind }) => kind === 'replay' || kind === 'not linearizable'), JSON.stringify(verdict));
});

test('a service that says that it changed a row and did not is found out', LIMIT, async () => {
  const { verdict } = await contended({ idle: 20 });
  assert.ok(verdict.wrong.some(({ kind }) => kind === 'not linearizable'), JSON.stringify(verdict));
});
