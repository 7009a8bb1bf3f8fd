import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sample } from 'fast-check';
import { crowdStories, handoverStories, lateEpochStories, splitStories, stories, turnOnStories } from './testing/stories.ts';
import type { Weakness } from './testing/weakness.ts';
import { play } from './testing/world.ts';
import type { Story } from './testing/world.ts';

// The real Leases, GenerationKeeper, Invalidator and Pages of three processes, over models of MySQL and Redis whose faults
// are worse than real ones, in virtual time. Same seeds, same stories: no run differs from another.

const KINDS = { troubles: stories, 'turn-ons': turnOnStories, splits: splitStories, 'hand-overs': handoverStories, crowds: crowdStories, 'late epochs': lateEpochStories } as const;

const storiesOf = (kind: keyof typeof KINDS, count: number, seed: number): readonly Story[] => sample(KINDS[kind](), { numRuns: count, seed });

/** What a kind of stories must have had happen, or it has checked nothing. */
const ALWAYS = ['cache', 'hit: memory', 'replica', 'acknowledged', 'invalidated: raised'];
const TROUBLED = ['primary', 'hit: redis', 'invalidated: off', 'invalidated: turned-off', 'generation: on', 'generation: off'];
const WANTED: Readonly<Record<keyof typeof KINDS, readonly string[]>> = {
  troubles: [...ALWAYS, ...TROUBLED, 'invalidated: raised-whole'], 'turn-ons': [...ALWAYS, ...TROUBLED], splits: [...ALWAYS, ...TROUBLED.filter((what) => what !== 'hit: redis')],
  'hand-overs': [...ALWAYS, ...TROUBLED], crowds: [...ALWAYS, 'hit: redis', 'invalidated: raised-whole'], 'late epochs': ALWAYS,
};

for (const kind of Object.keys(KINDS) as (keyof typeof KINDS)[]) {
  test(`no read is older than an acknowledged write, unless it says so (${kind})`, { timeout: 120_000 }, async () => {
    const counts: Record<string, number> = {};
    for (const story of storiesOf(kind, 60, 2026)) {
      const ending = await play(story);
      assert.deepEqual(ending.stale, [], `story ${JSON.stringify(story)}`);
      for (const [what, count] of Object.entries(ending.counts)) counts[what] = (counts[what] ?? 0) + count;
    }
    // A check in which the cache was never used, raised, ended or begun would have checked nothing.
    for (const what of WANTED[kind]) {
      assert.ok((counts[what] ?? 0) >= 50, `${what} happened ${counts[what] ?? 0} times in all stories`);
    }
  });
}

/** Where each rule's absence shows: the kind of stories, and the seed to draw them from. */
const WEAKENED: readonly (readonly [Weakness, keyof typeof KINDS, number])[] = [
  ['no lease wait', 'troubles', 7],
  ['no wait before turning on', 'splits', 7],
  ['run id only', 'troubles', 7],
  ['no identity of Redis', 'troubles', 7],
  ['no floor', 'hand-overs', 7],
  ['position before row', 'hand-overs', 5],
  ['no compare-and-max', 'troubles', 7],
  ['gaps allowed', 'crowds', 7],
  ['late changes left out', 'crowds', 7],
  ['no whole entry for an epoch', 'late epochs', 7],
  ['no nonce', 'troubles', 2],
  ['no confirmation', 'troubles', 7],
  ['no wait at the replica', 'troubles', 7],
  ['no look at the lease after the answer', 'troubles', 7],
];

for (const [weakness, kind, seed] of WEAKENED) {
  test(`the check notices when a rule is left out: ${weakness}`, { timeout: 120_000 }, async () => {
    for (const story of storiesOf(kind, 300, seed)) {
      const { stale } = await play(story, weakness);
      if (stale.length > 0) return;
    }
    assert.fail('no story showed an old page');
  });
}
