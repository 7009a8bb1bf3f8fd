import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Addresses, rotated } from './addresses.ts';

test('an address that failed is tried last for ten seconds, and then first again', () => {
  let nowMs = 0;
  const addresses = new Addresses(['a', 'b'], () => nowMs);
  assert.deepEqual(addresses.inOrder(), ['a', 'b']);
  addresses.leave('a');
  nowMs = 9999;
  assert.deepEqual(addresses.inOrder(), ['b', 'a']);
  nowMs = 10_000;
  assert.deepEqual(addresses.inOrder(), ['a', 'b']);
});

test('of two that failed the one that failed first is tried first', () => {
  let nowMs = 0;
  const addresses = new Addresses(['a', 'b'], () => nowMs);
  addresses.leave('b');
  nowMs = 5000;
  addresses.leave('a');
  assert.deepEqual(addresses.inOrder(), ['b', 'a']);
});

test('clients begin with each address in turn', () => {
  assert.deepEqual([0, 1, 2].map((client) => rotated(['a', 'b'], client)), [['a', 'b'], ['b', 'a'], ['a', 'b']]);
  assert.deepEqual(rotated(['a'], 5), ['a']);
});
