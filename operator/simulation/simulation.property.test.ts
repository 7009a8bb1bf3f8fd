import assert from 'node:assert/strict';
import { test } from 'node:test';
import { simulateSeeds } from './pool.ts';

/** A first seed that is another in each run finds what the same ones never would. */
const first = Number(process.env['SIMULATION_SEED'] ?? Math.floor(Date.now() / 1000) % 1_000_000_000);
const count = Number(process.env['SIMULATION_SEEDS'] ?? 2000);

test(`schedules of seeds ${first} to ${first + count - 1} break no rule`, { timeout: 180_000 }, async () => {
  const { done, simulatedMs, violations } = await simulateSeeds({ first, count });
  assert.deepEqual(violations, [], 'npm run simulate -- --seeds 1 --seed S shows the shortest history');
  assert.equal(done, count);
  assert.ok(simulatedMs >= done * 30_000, `${simulatedMs} ms for ${done} schedules`);
});
