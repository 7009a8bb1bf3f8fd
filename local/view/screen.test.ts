import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cut, frame, heightOf, usableColumns } from './screen.ts';

test('a line is cut to the columns that there are, and its colours cost none', () => {
  assert.equal(cut('abcdef', 4), 'abcd');
  assert.equal(cut('\u001B[31mabcdef\u001B[0m', 4), '\u001B[31mabcd\u001B[0m');
  assert.equal(cut('abc', 4), 'abc');
});

test('a frame goes up over the last one, overwrites it line by line and clears what is left below', () => {
  assert.equal(frame(['one', 'two'], 3, 80), '\u001B[?2026h\u001B[3A\rone\u001B[K\ntwo\u001B[K\n\u001B[J\u001B[?2026l');
  assert.equal(frame(['one'], 0, 2), '\u001B[?2026h\ron\n\u001B[J\u001B[?2026l', 'clearing behind a full line would clear its last character');
});

test('a terminal that became narrower has broken the lines that are too long, so that more rows are to be overwritten', () => {
  assert.equal(heightOf(['abcdefgh', '', '\u001B[31mabcd\u001B[0m'], 4), 4);
  assert.equal(heightOf(['abcdefgh', '', 'abcd'], 80), 3);
});

test('a terminal that does not say its width has 80 columns', () => {
  assert.deepEqual([usableColumns(undefined), usableColumns(0), usableColumns(40)], [80, 80, 40]);
});
