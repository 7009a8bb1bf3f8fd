import assert from 'node:assert/strict';
import { test } from 'node:test';
import { median, medianRatio, percentile } from './median.ts';

test('the median is the middle one, or the mean of the two in the middle', () => {
  assert.equal(median([9, 1, 5]), 5);
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.equal(median([10, 9, 100]), 10);
  assert.equal(median([7]), 7);
  assert.throws(() => median([]), RangeError);
});

test('a percentile is a figure that was measured', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  assert.equal(percentile(hundred, 99), 99);
  assert.equal(percentile(hundred, 50), 50);
  assert.equal(percentile(hundred, 100), 100);
  assert.equal(percentile([3, 1], 99), 3);
  assert.equal(percentile([3, 1], 1), 1);
  assert.throws(() => percentile([], 50), RangeError);
});

test('a ratio is the median of the ratios of the pairs, not the ratio of the medians', () => {
  assert.equal(medianRatio([50, 80, 10], [100, 100, 40]), 0.5);
  assert.equal(medianRatio([100, 10, 1], [100, 20, 10]), 0.5);
  assert.throws(() => medianRatio([1], [1, 2]), /Comparing 1 figures with 2/);
  assert.throws(() => medianRatio([], []), RangeError);
});
