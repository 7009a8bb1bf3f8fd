import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lateness } from './lateness.ts';

test('sleeping-laptop: who wakes late says so, once', () => {
  const lateness = new Lateness();
  lateness.expect(1000);
  assert.equal(lateness.check(1150), 0);
  assert.equal(lateness.check(61_000), 60_000);
  assert.equal(lateness.check(61_001), 0);
});
