import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomFrom } from './random.ts';

const firstThree = (seed: number): readonly number[] => {
  const next = randomFrom(seed);
  return [next(), next(), next()];
};

test('the same seed gives the same numbers on every machine, for ever: seeds stand in tests and reports', () => {
  assert.deepEqual(firstThree(1), [0.6270739405881613, 0.002735721180215478, 0.5274470399599522]);
  assert.deepEqual(firstThree(-1), firstThree(2 ** 32 - 1));
});
