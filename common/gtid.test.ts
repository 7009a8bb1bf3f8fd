import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contains, count, EMPTY_GTID_SET, formatGtidSet, highest, parseGtidSet, sameGtidSet, subtract, union } from './gtid.ts';

const A = 'aaaaaaaa-0000-0000-0000-000000000001';
const B = 'bbbbbbbb-0000-0000-0000-000000000002';

test('the text of MySQL is read and written, with tags, line breaks and either case', () => {
  const text = `${A.toUpperCase()}:1-5:7:\n backup:3:drill:1-2,\n${B}:9`;
  assert.equal(formatGtidSet(parseGtidSet(text)), `${A}:1-5:7:backup:3:drill:1-2,${B}:9`);
  assert.equal(formatGtidSet(parseGtidSet(`${A}:t:4`)), `${A}:t:4`);
  assert.equal(formatGtidSet(parseGtidSet('')), '');
});

test('what touches or overlaps is one interval', () => {
  assert.equal(formatGtidSet(parseGtidSet(`${A}:6-9:1-5:3,${A}:12:11`)), `${A}:1-9:11-12`);
});

test('a wrong part is named', () => {
  assert.throws(() => parseGtidSet('abc:1'), /expected UUID:NUMBERS, not "abc:1"/);
  assert.throws(() => parseGtidSet(A), /expected UUID:NUMBERS/);
  assert.throws(() => parseGtidSet(`${A}:5-3`), /"5-3" is no range/);
  assert.throws(() => parseGtidSet(`${A}:0`), /"0" is no range/);
  assert.throws(() => parseGtidSet(`${A}:1-9007199254740993`), /is no range/);
  assert.throws(() => parseGtidSet(`${A}:Ä`), /expected a number, FIRST-LAST or a tag, not "ä"/);
});

test('union, difference, containment and count', () => {
  const [left, right] = [parseGtidSet(`${A}:1-10`), parseGtidSet(`${A}:4-6:12,${B}:1`)];
  assert.equal(formatGtidSet(union(left, right)), `${A}:1-10:12,${B}:1`);
  assert.equal(formatGtidSet(subtract(left, right)), `${A}:1-3:7-10`);
  assert.equal(formatGtidSet(subtract(right, left)), `${A}:12,${B}:1`);
  assert.equal(contains(left, parseGtidSet(`${A}:4-6`)), true);
  assert.equal(contains(left, right), false);
  assert.equal(contains(left, EMPTY_GTID_SET), true);
  assert.equal(count(right), 5);
});

test('a tagged transaction is another one than the untagged of the same number', () => {
  const [plain, tagged] = [parseGtidSet(`${A}:1-3`), parseGtidSet(`${A}:t:1-3`)];
  assert.equal(contains(plain, tagged), false);
  assert.equal(sameGtidSet(plain, tagged), false);
  assert.equal(highest(tagged, A), 0);
  assert.equal(highest(union(plain, tagged), A.toUpperCase()), 3);
});
