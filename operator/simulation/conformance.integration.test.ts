import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KINDS } from './conformance/commands.ts';
import { compareSequences } from './conformance/sequence.ts';

/** The same in each run; `npm run conformance` is for seeds that nobody has tried. */
const SEEDS = Number(process.env['CONFORMANCE_SEEDS'] ?? 4);
const COMMANDS = 20;
/** So many sequences have every kind of command among them. */
const ALL_KINDS = 7;

test(`three real members and the model show the same after each of ${COMMANDS} random commands, seeds 1 to ${SEEDS}`, { timeout: 170_000 + SEEDS * 15_000 }, async () => {
  const all = await compareSequences({ first: 1, count: SEEDS, commands: COMMANDS, atOnce: 2 });
  for (const { seed, lines, difference } of all) assert.equal(difference, undefined, `seed ${seed}:\n${lines.join('\n')}\n${difference}`);
  const kinds = new Set(all.flatMap(({ commands }) => commands.map(({ kind }) => kind)));
  if (SEEDS >= ALL_KINDS) assert.deepEqual(KINDS.filter((kind) => !kinds.has(kind)), []);
});
