import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { contains, count, formatGtidSet, intersection, parseGtidSet, sameGtidSet, subtract, union } from './gtid.ts';
import type { GtidSet } from './gtid.ts';

/** The model: transactions one by one. */
const KEYS = ['aaaaaaaa-0000-0000-0000-000000000001', 'aaaaaaaa-0000-0000-0000-000000000001:tag', 'bbbbbbbb-0000-0000-0000-000000000002'] as const;
const transaction = fc.tuple(fc.constantFrom(...KEYS), fc.integer({ min: 1, max: 12 })).map(([key, number]) => `${key}:${number}`);
const transactions = fc.uniqueArray(transaction, { maxLength: 30 }).map((list) => new Set(list));

const toSet = (model: ReadonlySet<string>): GtidSet => parseGtidSet([...model].join(','));
const toModel = (set: GtidSet): Set<string> =>
  new Set([...set].flatMap(([key, intervals]) => intervals.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, index) => `${key}:${first + index}`))));

test('every operation agrees with sets of single transactions', () => {
  fc.assert(
    fc.property(transactions, transactions, (a, b) => {
      const [left, right] = [toSet(a), toSet(b)];
      assert.deepEqual(toModel(union(left, right)), new Set([...a, ...b]));
      assert.deepEqual(toModel(subtract(left, right)), new Set([...a].filter((one) => !b.has(one))));
      assert.deepEqual(toModel(intersection(left, right)), new Set([...a].filter((one) => b.has(one))));
      assert.equal(contains(left, right), [...b].every((one) => a.has(one)));
      assert.equal(count(left), a.size);
    }),
  );
});

test('what is written is read again as the same set', () => {
  fc.assert(
    fc.property(transactions, (model) => {
      const set = toSet(model);
      assert.equal(sameGtidSet(parseGtidSet(formatGtidSet(set)), set), true);
    }),
  );
});
