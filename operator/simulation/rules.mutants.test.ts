import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MUTANTS } from './mutants.ts';
import { simulateSeeds } from './pool.ts';
import { STORIES } from './stories.ts';

/** Most are caught by a story. `MUTANT_SEEDS=20000` looks for all of them among random schedules as well. */
const SEEDS = Number(process.env['MUTANT_SEEDS'] ?? 0);

/** Only rare schedules show what these are for. */
const RARE = 1000;

for (const { name, rule, edits, within } of MUTANTS) {
  const skip = SEEDS === 0 && within > RARE && `needs up to ${within} random schedules: MUTANT_SEEDS=${within}`;
  test(`${name} is caught: ${rule}`, { timeout: 600_000, skip }, async () => {
    const schedules = SEEDS > 0 ? [] : STORIES.flatMap(({ schedule }) => [1, 2].map((seed) => ({ ...schedule, seed })));
    const { violations, done } = await simulateSeeds({ first: 1, count: SEEDS > 0 ? SEEDS : within, schedules, edits, stopAtFirst: true });
    assert.notEqual(violations.length, 0, `no rule was broken in ${done} schedules without this rule of the operator's`);
  });
}
