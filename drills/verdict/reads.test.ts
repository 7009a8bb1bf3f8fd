import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkReads } from './reads.ts';
import { historyOf, read, write } from './testing.ts';

const CREATED = write('create', { row: 1, version: 1, id: 7 });
const REPLACED = write('replace', { row: 1, version: 2, id: 7 }, { startedMs: 20, endedMs: 25 });
const STORED = [{ id: 7, row: 1, version: 2 }];

test('a read of what was acknowledged before it is fine, and was compared', () => {
  const history = historyOf(CREATED, REPLACED, read(30, { asked: 1, limit: 1, sights: [{ row: 1, version: 2 }] }));
  assert.deepEqual(checkReads(history, STORED), { findings: [], compared: 1 });
});

test('a read that shows an older version than was acknowledged before it is stale', () => {
  const history = historyOf(CREATED, REPLACED, read(30, { asked: 1, limit: 1, sights: [{ row: 1, version: 1 }] }));
  assert.deepEqual(checkReads(history, STORED).findings, [{ kind: 'stale', text: 'drill 1: version 2 was acknowledged 5 ms before a read showed version 1.' }]);
});

test('a read that was sent before the acknowledgement may show the older version', () => {
  const history = historyOf(CREATED, REPLACED, read(24, { asked: 1, limit: 1, sights: [{ row: 1, version: 1 }] }));
  assert.deepEqual(checkReads(history, STORED), { findings: [], compared: 1 });
});

test('an answer that says that it may be older is not compared', () => {
  const history = historyOf(CREATED, REPLACED, read(30, { asked: 1, limit: 1, marked: true, sights: [{ row: 1, version: 1 }] }));
  assert.deepEqual(checkReads(history, STORED), { findings: [], compared: 0 });
});

test('an acknowledged row that its own read does not find is stale', () => {
  const history = historyOf(CREATED, read(30, { asked: 1, limit: 1 }));
  assert.deepEqual(checkReads(history, [{ id: 7, row: 1, version: 1 }]).findings, [{ kind: 'stale', text: 'drill 1: version 1 was acknowledged 15 ms before a read did not show it.' }]);
});

test('a row whose deletion was sent before the read ended may be missing, and must be once it was acknowledged', () => {
  const deleted = write('delete', { row: 1, version: 2, id: 7 }, { startedMs: 20, endedMs: 40 });
  assert.deepEqual(checkReads(historyOf(CREATED, deleted, read(30, { asked: 1, limit: 1 })), []).findings, []);
  const late = read(50, { asked: 1, limit: 1, sights: [{ row: 1, version: 1 }] });
  assert.deepEqual(checkReads(historyOf(CREATED, deleted, late), []).findings, [{ kind: 'stale', text: 'drill 1: its deletion was acknowledged 10 ms before a read showed version 1.' }]);
});

test('a page without a row that sorts before its last one is stale', () => {
  const stored = [1, 2, 3].map((row) => ({ id: row, row, version: 1 }));
  const rows = stored.map(({ row }) => write('create', { row, version: 1, id: row }));
  const pageOf = (...shown: number[]) => read(40, { limit: 2, length: 2, sights: shown.map((row) => ({ row, version: 1 })) });
  assert.deepEqual(checkReads(historyOf(...rows, pageOf(3, 2)), stored), { findings: [], compared: 1 });
  assert.deepEqual(checkReads(historyOf(...rows, pageOf(2, 1)), stored).findings, [{ kind: 'stale', text: 'drill 3: version 1 was acknowledged 5 ms before a read did not show it.' }]);
});

test('a page that is not full shows every row', () => {
  const rows = [1, 2].map((row) => write('create', { row, version: 1, id: row }));
  const history = historyOf(...rows, read(40, { limit: 10, length: 1, sights: [{ row: 2, version: 1 }] }));
  assert.deepEqual(checkReads(history, [1, 2].map((row) => ({ id: row, row, version: 1 }))).findings, [
    { kind: 'stale', text: 'drill 1: version 1 was acknowledged 25 ms before a read did not show it.' },
  ]);
});

test('what a read showed and is not there in the end is a phantom, whatever its headers say', () => {
  const unanswered = write('replace', { row: 1, version: 2, id: 7 }, { startedMs: 20, endedMs: 25, failure: 'ECONNRESET' });
  const history = historyOf(CREATED, unanswered, read(30, { asked: 1, limit: 1, marked: true, sights: [{ row: 1, version: 2 }] }));
  assert.deepEqual(checkReads(history, [{ id: 7, row: 1, version: 1 }]).findings, [{ kind: 'phantom', text: 'A read showed version 2 of drill 1, which is not there in the end.' }]);
});
