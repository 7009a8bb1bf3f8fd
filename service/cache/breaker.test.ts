import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newBreaker, onFailure, onProbe } from './breaker.ts';
import type { Breaker } from './breaker.ts';

const probes = (breaker: Breaker, count: number, now: number): Breaker => Array.from({ length: count }).reduce<Breaker>((last) => onProbe(last, now), breaker);

test('it begins open, and closes after three good probes in a row', () => {
  const breaker = newBreaker(0);
  assert.equal(breaker.state, 'open');
  assert.equal(probes(breaker, 2, 10).state, 'open');
  assert.deepEqual(probes(breaker, 3, 10), { state: 'closed', since: 10, successes: 3, needed: 3 });
  assert.equal(probes(onFailure(probes(breaker, 2, 10), 20), 2, 30).state, 'open');
});

test('one failure opens it', () => {
  const closed = probes(newBreaker(0), 3, 10);
  assert.equal(onFailure(closed, 40_000).state, 'open');
});

test('each opening soon after the last takes twice as many probes, up to 20; after 30 calm seconds it begins anew', () => {
  let breaker = probes(newBreaker(0), 3, 0);
  const needed = [];
  for (let round = 1; round <= 8; round += 1) {
    breaker = onFailure(breaker, round);
    needed.push(breaker.needed);
    breaker = probes(breaker, breaker.needed, round);
    assert.equal(breaker.state, 'closed');
  }
  assert.deepEqual(needed, [6, 12, 20, 20, 20, 20, 20, 20]);
  assert.equal(onFailure(breaker, 30_008).needed, 3);
});
