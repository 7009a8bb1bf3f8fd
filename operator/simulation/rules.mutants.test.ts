import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MUTANTS } from './mutants.ts';
import { simulateSeeds } from './pool.ts';
import { STORIES } from './stories.ts';

/** All are caught by a story, or by few random schedules. `MUTANT_SEEDS=20000` looks for all of them among random schedules alone. */
const SEEDS = Number(process.env['MUTANT_SEEDS'] ?? 0);

/** Of each story's times. */
const TIMES = [1, 2, 3, 4, 5];

for (const { name, rule, edits, within } of MUTANTS) {
  test(`${name} is caught: ${rule}`, { timeout: 600_000 }, async () => {
    const schedules = SEEDS > 0 ? [] : STORIES.flatMap(({ schedule }) => TIMES.map((seed) => ({ ...schedule, seed })));
    const { violations, done } = await simulateSeeds({ first: 1, count: SEEDS > 0 ? SEEDS : within, schedules, edits, stopAtFirst: true });
    assert.notEqual(violations.length, 0, `no rule was broken in ${done} schedules without this rule of the operator's`);
  });
}
