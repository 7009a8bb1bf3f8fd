import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forbiddenFailures, judge, judgeMedians, median, slackened, type Bounds, type Damage, type Verdict } from './judge.ts';
import { connection, historyOf, observed, write } from './testing.ts';

const BOUNDS: Bounds = { failures: 'none', longestWriteGapMs: 300, medianWriteGapMs: 200, slowestRequestMs: 3000, healMs: 15_000 };
const ROWS = [1, 2, 3, 4].map((row) => write('create', { row, version: 1, id: row }, { startedMs: row * 200, endedMs: row * 200 + 50 }));
const STORED = [1, 2, 3, 4].map((row) => ({ id: row, row, version: 1 }));

test('a run that keeps every bound has no complaint', () => {
  const verdict = judge(BOUNDS, observed(historyOf(...ROWS), { stored: STORED }));
  assert.deepEqual(verdict, {
    figures: { requests: 4, acknowledgedWrites: 4, failed: 0, failedOnVictim: 0, longestWriteGapMs: 200, longestWriteGapFromMs: 250, slowestWriteMs: 50, slowestReadMs: 0 },
    lost: 0, duplicated: 0, wrongReads: 0, comparedReads: 0, healMs: 1500, complaints: [],
    evidence: ['web-0 was killed.', 'The longest time without an acknowledged write was 200 ms, from -150 ms after the fault on.'],
  });
});

test('each bound that is broken is a complaint', () => {
  const failed = write('create', { row: 5, version: 1 }, { startedMs: 100, endedMs: 3200, failure: 'answered 503' });
  const rows = [...ROWS.slice(0, 2), failed];
  const verdict = judge(BOUNDS, observed(historyOf(...rows), { stored: STORED.slice(0, 1), healMs: null, unhealthy: ['mysql-0 is closed'], differences: ['mysql-2 differs.'] }));
  assert.deepEqual(verdict.complaints, [
    'drill 2: version 1 was acknowledged, and no row is there.',
    'writer-0: create at 100 ms failed after 3100 ms: answered 503.',
    'The longest gap between acknowledged writes took 550 ms; allowed are 300 ms.',
    'The slowest request took 3100 ms; allowed are 3000 ms.',
    'Not healthy again: mysql-0 is closed.',
    'mysql-2 differs.',
  ]);
});

test('health that comes too late is a complaint', () => {
  assert.deepEqual(judge(BOUNDS, observed(historyOf(...ROWS), { stored: STORED, healMs: 15_400 })).complaints, ['Full health took 15400 ms; allowed are 15000 ms.']);
});

test('a run without any acknowledged write shows nothing', () => {
  assert.deepEqual(judge({ ...BOUNDS, longestWriteGapMs: null }, observed(historyOf())).complaints, ['No write was acknowledged: this run shows nothing.']);
});

test('on an edge\'s death only its own connections may fail, and only for three seconds', () => {
  const damage: Damage = { evidence: [], firstMs: 1000, lastMs: 1000, heldPorts: new Set([5001]) };
  const failure = (localPort: number, openedMs: number, endedMs: number) =>
    write('create', { row: endedMs, version: 1 }, { startedMs: endedMs - 10, endedMs, failure: 'ECONNRESET', connection: connection(localPort, openedMs) });
  const onVictim = failure(5001, 100, 1005);
  const openedLater = failure(5003, 1500, 3900);
  const onTheOther = failure(5002, 100, 1005);
  const beforeTheFault = failure(5001, 100, 900);
  const tooLate = failure(5001, 100, 4001);
  const history = historyOf(onVictim, openedLater, onTheOther, beforeTheFault, tooLate);
  assert.deepEqual(forbiddenFailures('on the connections of the victim', history, damage), [onTheOther, beforeTheFault, tooLate]);
  assert.equal(forbiddenFailures('none', history, damage).length, 5);
  assert.equal(forbiddenFailures('any', history, damage).length, 0);
});

test('where only addresses tell, every connection into the broken edge is its own, until it was gone', () => {
  const heldAddresses = { addresses: new Set(['http://127.0.0.1:8000']), untilMs: 3000 };
  const damage: Damage = { evidence: [], firstMs: 1000, lastMs: 1000, heldPorts: null, heldAddresses };
  const failure = (openedMs: number, endedMs: number, address = 'http://127.0.0.1:8000') =>
    write('create', { row: endedMs, version: 1 }, { startedMs: Math.max(openedMs, endedMs - 20_000), endedMs, failure: 'no answer in 20000 ms', connection: connection(1, openedMs, address) });
  const openBefore = failure(100, 21_000);
  const openedWhileHung = failure(2900, 22_900);
  const ofTheOther = failure(100, 21_001, 'http://127.0.0.1:8001');
  const openedWhenGone = failure(3001, 23_001);
  const unconnected = { ...failure(100, 1500), connection: null };
  const history = historyOf(...ROWS, openBefore, openedWhileHung, ofTheOther, openedWhenGone, unconnected);
  assert.deepEqual(forbiddenFailures('on the connections of the victim', history, damage), [ofTheOther, openedWhenGone, unconnected]);
  const verdict = judge({ ...BOUNDS, failures: 'on the connections of the victim' }, observed(history, { damage, stored: STORED }));
  assert.deepEqual([verdict.figures.failed, verdict.figures.failedOnVictim], [3, 2]);
});

test('what fails on a broken edge is not the slowest request', () => {
  const damage: Damage = { evidence: [], firstMs: 500, lastMs: 500, heldPorts: new Set([5001]) };
  const failed = write('create', { row: 5, version: 1 }, { startedMs: 490, endedMs: 2490, failure: 'ECONNRESET', connection: connection(5001, 100) });
  const { figures } = judge({ ...BOUNDS, failures: 'on the connections of the victim' }, observed(historyOf(...ROWS, failed), { damage, stored: STORED }));
  assert.equal(figures.slowestWriteMs, 50);
});

test('the median is the middle one, or lies between the two in the middle', () => {
  assert.deepEqual([median([]), median([30, 10, 20]), median([40, 10, 20, 30])], [0, 20, 25]);
});

test('a median over its bound is a complaint once there are five runs', () => {
  const runs = [100, 250, 260, 270, 120].map((longestWriteGapMs): Verdict => ({ ...judge(BOUNDS, observed(historyOf(...ROWS))), figures: { requests: 1, acknowledgedWrites: 1, failed: 0, failedOnVictim: 0, longestWriteGapMs, longestWriteGapFromMs: 0, slowestWriteMs: 1, slowestReadMs: 1 } }));
  assert.deepEqual(judgeMedians(BOUNDS, runs), ['In the median of 5 runs the longest gap between acknowledged writes took 250 ms; allowed are 200 ms.']);
  assert.deepEqual(judgeMedians(BOUNDS, runs.slice(1)), []);
});

test('slack multiplies every time and nothing else', () => {
  assert.deepEqual(slackened(BOUNDS, 8), { failures: 'none', longestWriteGapMs: 2400, medianWriteGapMs: 1600, slowestRequestMs: 24_000, healMs: 120_000 });
  assert.deepEqual(slackened({ ...BOUNDS, slowestRequestMs: null }, 2), { failures: 'none', longestWriteGapMs: 600, medianWriteGapMs: 400, slowestRequestMs: null, healMs: 30_000 });
});
