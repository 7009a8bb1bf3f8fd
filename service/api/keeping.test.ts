import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Keeping } from './keeping.ts';

const told = (keeping: Keeping, page: string, at: readonly number[]): number => at.filter((now) => keeping.tells(page, now)).length;

test('of a thousand answers of one page in one moment eight are kept, and eight more in the next', () => {
  const keeping = new Keeping();
  assert.equal(told(keeping, '/a', Array.from({ length: 1000 }, () => 100)), 8);
  assert.equal(told(keeping, '/a', [149, 149.9]), 0);
  assert.equal(told(keeping, '/a', Array.from({ length: 1000 }, () => 150)), 8);
});

test('each page has answers of its own', () => {
  const keeping = new Keeping();
  assert.equal(told(keeping, '/a', Array.from({ length: 9 }, () => 0)), 8);
  assert.equal(told(keeping, '/b', [0, 1]), 2);
});

test('answers that come one after the other are all kept', () => {
  assert.equal(told(new Keeping(), '/a', Array.from({ length: 100 }, (_, n) => n * 10)), 100);
});
