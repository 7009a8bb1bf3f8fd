import assert from 'node:assert/strict';
import { test } from 'node:test';
import { duration, took, wrapped } from './text.ts';

test('lengths of time are short', () => {
  assert.deepEqual([999, 119_999, 120_000, 7_199_999, 7_260_000].map(duration), ['0 s', '119 s', '2 min', '119 min', '2 h 1 min']);
  assert.deepEqual([84.4, 999.4, 5123].map(took), ['84 ms', '999 ms', '5.1 s']);
});

test('a text is broken where a word ends, and goes on indented', () => {
  assert.deepEqual(wrapped('mysql-0  answers; receiver on; lacks nothing', 31, 9), ['mysql-0  answers; receiver on;', '         lacks nothing']);
  assert.deepEqual(wrapped('as long as it is', Infinity, 2), ['as long as it is']);
});

test('a word that is longer than a line is broken, too', () => {
  assert.deepEqual(wrapped(`lacks ${'x'.repeat(30)}`, 24, 2), [`lacks ${'x'.repeat(18)}`, `  ${'x'.repeat(12)}`]);
});
