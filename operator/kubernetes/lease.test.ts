import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acting, givenBack, heldByAnother, holds, mayWrest, nextStep, renewed, seen, unseen } from './lease.ts';
import type { LeaseState } from './lease.ts';

const ours = (version: string) => ({ holder: 'a', version });
const theirs = (version: string) => ({ holder: 'b', version });
const standing = (now = 0): LeaseState => seen(unseen('a', now), theirs('1'), now);
const holding = (sentAt = 0): LeaseState => renewed(unseen('a', 0), ours('1'), sentAt);

test('a lease is held for two seconds from when its renewal was sent, not from when it was answered', () => {
  const state = renewed(unseen('a', 0), ours('1'), 1000);
  assert.deepEqual([1000, 2999, 3000].map((now) => holds(state, now)), [true, true, false]);
});

test('another\'s lease runs out three seconds after its last change was seen, on our own clock', () => {
  const first = seen(unseen('a', 0), theirs('1'), 500);
  const unchanged = seen(first, theirs('1'), 3000);
  const changed = seen(first, theirs('2'), 3000);
  assert.deepEqual([heldByAnother(unchanged, 3499), heldByAnother(unchanged, 3500), heldByAnother(changed, 5999), heldByAnother(changed, 6000)], [true, false, true, false]);
});

test('an operator that has just started waits three seconds for a holder it has never seen renew', () => {
  const state = { ...standing(0), seenAt: 2999 };
  assert.equal(nextStep(state, 2999), 'wait');
  assert.equal(nextStep({ ...state, seenAt: 3000 }, 3000), 'take');
});

test('it looks four times a second at another\'s lease, and renews its own twice a second', () => {
  assert.deepEqual([249, 250].map((now) => nextStep(standing(0), now)), ['wait', 'look']);
  assert.deepEqual([499, 500].map((now) => nextStep(acting(holding(0), 'acts', 0), now)), ['wait', 'renew']);
});

test('a free lease is left for a moment to whoever acts, and taken by it at once', () => {
  const free = seen(unseen('a', 0), { holder: '', version: '2' }, 100);
  assert.deepEqual([nextStep(free, 101), nextStep({ ...free, seenAt: 400 }, 400)], ['wait', 'take']);
  assert.equal(nextStep(acting(free, 'acts', 101), 101), 'take');
});

test('who holds it and cannot act gives it back after five seconds, and rests', () => {
  const idle = acting(holding(0), 'stands by', 0);
  assert.equal(nextStep(renewed(idle, ours('2'), 4900), 5000), 'give back');
  const rested = { ...givenBack(idle, { holder: '', version: '3' }, 5000), seenAt: 6499 };
  assert.deepEqual([nextStep(rested, 6499), nextStep({ ...rested, seenAt: 6500 }, 6500)], ['wait', 'take']);
});

test('a holder that slept finds that it has run out, and takes it again only where nobody else did', () => {
  const slept = acting(holding(0), 'acts', 0);
  assert.equal(holds(slept, 60_000), false);
  assert.equal(nextStep(slept, 60_000), 'look');
  assert.equal(nextStep(seen(slept, theirs('9'), 60_000), 60_001), 'wait');
  assert.equal(nextStep(seen(slept, ours('1'), 60_000), 60_001), 'take');
});

test('only a holder that has not acted since it took the lease may end another\'s sessions', () => {
  assert.equal(mayWrest(holding(0), 100), true);
  assert.equal(mayWrest(acting(holding(0), 'acts', 50), 100), false);
  const lostItsLocks = acting(acting(holding(0), 'acts', 50), 'stands by', 60);
  assert.equal(mayWrest(lostItsLocks, 100), false);
  assert.equal(mayWrest(renewed(lostItsLocks, ours('2'), 90), 100), false);
  const takenAnew = renewed(givenBack(lostItsLocks, { holder: '', version: '3' }, 200), ours('4'), 2000);
  assert.equal(mayWrest(takenAnew, 2001), true);
  assert.equal(mayWrest(standing(0), 100), false);
});
