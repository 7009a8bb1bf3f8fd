import assert from 'node:assert/strict';
import { test } from 'node:test';
import { simulateSeeds } from './pool.ts';

/** The same in each run, so that a red one says something of the change; `npm run simulate` is for seeds that nobody has tried. */
const first = Number(process.env['SIMULATION_SEED'] ?? 795_380_608);
const count = Number(process.env['SIMULATION_SEEDS'] ?? 2000);

test(`schedules of seeds ${first} to ${first + count - 1} break no rule`, { timeout: 180_000 }, async () => {
  const { done, simulatedMs, violations } = await simulateSeeds({ first, count });
  assert.deepEqual(violations, [], 'npm run simulate -- --seeds 1 --seed S shows the shortest history');
  assert.equal(done, count);
  assert.ok(simulatedMs >= done * 30_000, `${simulatedMs} ms for ${done} schedules`);
});
