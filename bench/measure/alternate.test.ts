import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LoadResult } from '../load/generator.ts';
import { alternate, rowOf, turns } from './alternate.ts';

const result = (perSecond: number, failed = 0): LoadResult => ({ perSecond, p50Ms: 1, p99Ms: perSecond / 10, failed, cpu: 0.5 });

test('every other turn goes the other way round', () => {
  assert.deepEqual(turns(2, 3).map(({ turn, index }) => `${turn}:${index}`), ['1:0', '1:1', '2:1', '2:0', '3:0', '3:1']);
});

test('each contestant is warmed up, then loaded once in each turn', async () => {
  const orders: string[] = [];
  const contestant = (what: string) => ({ what, run: (seconds: number) => Promise.resolve(result(orders.push(`${what} ${seconds}`))) });
  const [a, b] = await alternate([contestant('a'), contestant('b')], { pairs: 2, seconds: 5, signal: AbortSignal.timeout(1000), step: () => undefined });
  assert.deepEqual(orders, ['a 2', 'b 2', 'a 5', 'b 5', 'b 5', 'a 5']);
  assert.deepEqual([a, b].map((results) => results.map(({ perSecond }) => perSecond)), [[3, 6], [4, 5]]);
});

test('a row has the median, the range, the failures of all runs and the median ratio of the pairs', () => {
  const row = rowOf('page', [result(90, 1), result(80), result(10, 2)], { what: 'hello', results: [result(100), result(100), result(100)], target: { kind: 'at least', ratio: 0.9 } });
  assert.deepEqual(row, {
    what: 'page', value: 80, unit: 'requests/s', range: [10, 90], p99Ms: 8, loadCpu: 0.5, failed: 3,
    beside: { what: 'hello', value: 100 }, ratio: 0.8, target: { kind: 'at least', ratio: 0.9 },
  });
});
