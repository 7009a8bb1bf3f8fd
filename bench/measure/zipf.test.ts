import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomFrom } from '../../common/random.ts';
import { zipf } from './zipf.ts';

test('each rank has its share of the whole', () => {
  // Of three, the shares are 6/11, 3/11 and 2/11.
  const at = (point: number): number => zipf(3, () => point)();
  assert.deepEqual([0, 5.9 / 11, 6.1 / 11, 8.9 / 11, 9.1 / 11, 0.999].map(at), [0, 0, 1, 1, 2, 2]);
});

test('the first of a thousand is drawn twice as often as the second, and nothing outside', () => {
  const draw = zipf(1000, randomFrom(7));
  const counts = new Map<number, number>();
  for (let drawn = 0; drawn < 100_000; drawn += 1) {
    const rank = draw();
    counts.set(rank, (counts.get(rank) ?? 0) + 1);
  }
  const [first = 0, second = 0] = [counts.get(0), counts.get(1)];
  assert.ok(first / second > 1.8 && first / second < 2.2, `${first} and ${second}`);
  assert.ok([...counts.keys()].every((rank) => rank >= 0 && rank < 1000));
});
