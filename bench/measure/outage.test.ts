import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outageOf } from './outage.ts';

/** An answer every 10 ms in these times. */
const steady = (from: number, to: number, everyMs = 10) => Array.from({ length: (to - from) / everyMs }, (_, index) => ({ at: from + index * everyMs, ms: 5 }));

test('an outage of 300 ms after which all goes on as before', () => {
  const outage = outageOf([...steady(0, 3000), { at: 3300, ms: 305 }, ...steady(3310, 9000)], 3000);
  assert.deepEqual(outage, { gapMs: 300, p99Ms: 5, fullAfterMs: 300, ratePerSecond: 100 });
});

test('half the rate is not the full rate', () => {
  const outage = outageOf([...steady(0, 3000), ...steady(3400, 5400, 20), ...steady(5400, 9000)], 3000);
  assert.equal(outage.gapMs, 400);
  assert.equal(outage.fullAfterMs, 2300);
});

test('what never comes back is said so', () => {
  assert.deepEqual(outageOf(steady(0, 3000), 3000), { gapMs: 5000, p99Ms: 5000, fullAfterMs: null, ratePerSecond: 100 });
});
