import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pssOf, ticksOf } from './footprint.ts';

test('the proportional size is read out of smaps_rollup, not its parts', () => {
  assert.equal(pssOf('00400000-7fff 0 [rollup]\nRss:   9000 kB\nPss:   1234 kB\nPss_Anon:  1000 kB\n'), 1_263_616);
});

test('user and system time are read behind a name with blanks and parentheses', () => {
  assert.equal(ticksOf('42 (a (b) c) S 1 42 42 0 -1 4194560 100 0 0 0 7 5 0 0 20 0 1 0 1000'), 12);
});
