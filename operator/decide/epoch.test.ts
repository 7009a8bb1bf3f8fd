import assert from 'node:assert/strict';
import { test } from 'node:test';
import { highestRow, nextEpoch } from './epoch.ts';
import { closed, member, primary } from './fixtures.ts';

test('the next epoch is above every row and every promise, own or copied, of members that answer or once did', () => {
  assert.equal(nextEpoch([primary(0, { row: [3, 0], promise: 3 }), member(1, { row: [3, 0], promise: 5 }), member(2, { promise: -7, contact: { kind: 'refused' } })]), 8);
  assert.equal(nextEpoch([primary(0, { row: [6, 0], promise: 5 }), member(1, { row: [6, 0], promise: null })]), 7);
  assert.equal(nextEpoch([closed(0, { row: null, promise: null })]), 1);
});

test('the highest row names the primary', () => {
  assert.equal(highestRow([member(0, { row: [1, 0] }), member(1, { row: [3, 2] }), member(2, { row: [2, 1] })])?.member, 'mysql-2');
});
