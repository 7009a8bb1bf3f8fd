import assert from 'node:assert/strict';
import { test } from 'node:test';
import { read, write } from '../verdict/testing.ts';
import { seriesOf, sliceFor } from './series.ts';

test('requests are counted in the slice in which they end, with the longest wait of each kind', () => {
  const operations = [
    write('create', { row: 1, version: 1 }, { startedMs: 0, endedMs: 40 }), write('create', { row: 2, version: 1 }, { startedMs: 10, endedMs: 90, failure: 'ECONNRESET' }),
    read(95, {}, { endedMs: 130 }), write('create', { row: 3, version: 1 }, { startedMs: 900, endedMs: 950 }),
  ];
  assert.deepEqual(seriesOf(operations, 0, 200, 100), {
    sliceMs: 100,
    slices: [
      { fromMs: 0, reads: 0, writes: 2, failed: 1, slowestReadMs: null, slowestWriteMs: 80 },
      { fromMs: 100, reads: 1, writes: 0, failed: 0, slowestReadMs: 35, slowestWriteMs: null },
    ],
  });
});

test('slices are as narrow as a picture has room for', () => {
  assert.deepEqual([5000, 12_000, 30_000, 240_000, 86_400_000].map(sliceFor), [100, 100, 200, 1000, 10_000]);
});
