import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isBusy, NO_WORK, worked, type Work } from './work.ts';

const after = (...looks: readonly (readonly [number, number])[]): Work => looks.reduce((work: Work, [at, workedMs]) => worked(work, at, workedMs), NO_WORK);

test('who uses the processor is busy, who does not is frozen', () => {
  assert.equal(isBusy(after([0, 500], [500, 520], [1000, 530])), true);
  assert.equal(isBusy(after([0, 500], [500, 510], [1000, 520])), false);
  assert.equal(isBusy(after([0, 500], [500, 500], [1000, 500])), false);
});

test('nothing is said before it was looked at for a second', () => {
  assert.equal(isBusy(NO_WORK), false);
  assert.equal(isBusy(after([0, 500], [900, 1400])), false);
});

test('what it did more than a second ago does not count', () => {
  assert.equal(isBusy(after([0, 0], [500, 400], [1000, 800], [1500, 800], [2000, 800])), false);
});
