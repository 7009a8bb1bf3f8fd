import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newBreaker, onFailure, onProbe, onReconnect, onSuccess } from './breaker.ts';
import type { Breaker } from './breaker.ts';

const probes = (breaker: Breaker, count: number, now: number): Breaker => Array.from({ length: count }).reduce<Breaker>((last) => onProbe(last, now), breaker);
const closed = (): Breaker => probes(newBreaker(0), 3, 0);

test('it begins open, and closes after three good probes in a row', () => {
  const breaker = newBreaker(0);
  assert.equal(breaker.state, 'open');
  assert.equal(probes(breaker, 2, 10).state, 'open');
  assert.deepEqual(probes(breaker, 3, 10), { state: 'closed', since: 10, failingSince: undefined, needed: 3 });
  assert.equal(probes(onFailure(probes(breaker, 2, 10), 20), 2, 30).state, 'open');
});

test('failures for 40 ms without a success between them open it', () => {
  const failing = onFailure(onFailure(closed(), 1000), 1039);
  assert.equal(failing.state, 'closed');
  assert.equal(onFailure(failing, 1040).state, 'open');
});

test('a success between failures keeps it closed, a command\'s as a probe\'s', () => {
  for (const succeed of [onSuccess, (breaker: Breaker) => onProbe(breaker, 1020)]) {
    assert.equal(onFailure(succeed(onFailure(closed(), 1000)), 1040).state, 'closed');
  }
});

test('while it is open a command\'s late success does not count', () => {
  const open = onProbe(newBreaker(0), 1);
  assert.deepEqual(onSuccess(open), open);
});

test('each opening soon after the last takes twice as many probes, up to ten; after 30 calm seconds it begins anew', () => {
  let breaker = closed();
  const needed = [];
  for (let round = 1; round <= 4; round += 1) {
    breaker = onFailure(onFailure(breaker, round * 100), round * 100 + 40);
    needed.push(breaker.needed);
    breaker = probes(breaker, breaker.needed, round * 100 + 50);
    assert.equal(breaker.state, 'closed');
  }
  assert.deepEqual(needed, [6, 10, 10, 10]);
  assert.equal(onFailure(onFailure(breaker, 30_449), 30_489).needed, 3);
});

test('a new connection is probed first', () => {
  assert.deepEqual(onReconnect(closed(), 40_000), { state: 'open', since: 40_000, successes: 0, needed: 3 });
  assert.deepEqual(onReconnect(probes(newBreaker(0), 2, 10), 20), { state: 'open', since: 0, successes: 0, needed: 3 });
});
