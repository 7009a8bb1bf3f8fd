import assert from 'node:assert/strict';
import { test } from 'node:test';
import { array, assert as check, constantFrom, double, nat, property } from 'fast-check';
import { affects, soldTime } from './extent.ts';
import { KEYS, applied, extentFor, showsOf, someChange } from './testing/properties.ts';
import type { Rows } from './testing/properties.ts';
import type { Change } from '../ports.ts';

/** Properties and changes, one after the other, drawn from a list of numbers. */
function history(chances: readonly number[]): readonly { readonly before: Rows; readonly change: Change; readonly after: Rows }[] {
  let at = 0;
  const random = (): number => chances[(at += 1) % chances.length] ?? 0;
  let rows: Rows = new Map();
  return Array.from({ length: 30 }, (_, index) => {
    const before = rows;
    const change = someChange(before, index + 1, random);
    rows = applied(before, change);
    return { before, change, after: rows };
  });
}

const chances = array(double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { minLength: 40, maxLength: 90 });

test('a change that does not affect a page, as far as its extent goes, leaves it as it is', () => {
  const seen = { affected: 0, spared: 0, needless: 0 };
  check(property(chances, constantFrom(...KEYS), (drawn, key) => {
    for (const { before, change, after } of history(drawn)) {
      const isOther = showsOf(key, before) !== showsOf(key, after);
      const isAffected = affects(change, extentFor(key, before));
      assert.ok(isAffected || !isOther, `${key}: ${JSON.stringify(change)} makes ${showsOf(key, after)} of ${showsOf(key, before)}`);
      if (isOther) seen.affected += 1;
      else seen[isAffected ? 'needless' : 'spared'] += 1;
    }
  }), { numRuns: 3000, seed: 7 });
  assert.ok(seen.affected > 5000 && seen.spared > 20_000, JSON.stringify(seen));
});

test('several changes that do not affect a page, each as the page was first, leave it as it is together', () => {
  check(property(chances, constantFrom(...KEYS), nat(29), (drawn, key, from) => {
    const steps = history(drawn).slice(from);
    const first = steps[0]?.before ?? new Map();
    const extent = extentFor(key, first);
    // Those that do affect it are left out, as if nobody knew of them yet.
    const others = steps.filter(({ change }) => !affects(change, extent)).reduce((rows, { change }) => applied(rows, change), first);
    assert.equal(showsOf(key, others), showsOf(key, first));
  }), { numRuns: 3000, seed: 7 });
});

test('a time is a number that sorts as MySQL sorts', () => {
  const texts = [null, '1000-01-01 00:00:00', '2016-05-07 00:00:00', '2016-05-07 00:00:01', '2016-10-01 00:00:00', '9999-12-31 23:59:59'];
  assert.deepEqual(texts.map(soldTime), [0, 10000101000000, 20160507000000, 20160507000001, 20161001000000, 99991231235959]);
});
