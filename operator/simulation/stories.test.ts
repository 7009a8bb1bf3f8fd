import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reportOf } from './history.ts';
import { run } from './run.ts';
import { STORIES } from './stories.ts';

Error.stackTraceLimit = 5;

/** Seeds of the times, so that a story does not hang on one order of events. */
const SEEDS = [1, 2, 3, 4, 5];

/** Outside of any promise's callback, as the simulation must run. */
const outside = <T>(task: () => T): Promise<T> => new Promise((resolve, reject) => setImmediate(() => {
  try {
    resolve(task());
  } catch (error) {
    reject(error);
  }
}));

for (const { name, text, schedule, ends } of STORIES) {
  test(`${name}: ${text}`, { timeout: 60_000 }, () => outside(() => {
    for (const seed of SEEDS) {
      const outcome = run({ ...schedule, seed });
      assert.equal(outcome.violation, undefined, outcome.violation && reportOf({ ...schedule, seed }));
      assert.equal(outcome.refused, ends === 'refused', `seed ${seed}`);
    }
  }));
}
