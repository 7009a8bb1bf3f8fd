import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatTarget, parseTarget, sameTarget } from './generation-row.ts';
import { Generations, isUsable, LEASE_TIMES } from './lease.ts';
import { RAISE_MS } from './redis.ts';

const TIMES = { usableMs: 700, waitMs: 750 };
const lease = { row: { generation: 4, target: undefined, owner: '', renewals: 0 }, floor: { epoch: 1, serverUuid: 'u', n: 1 }, settled: undefined, startedAt: 1000 };

test('a lease may be used for its time, counted from before it was asked for', () => {
  assert.deepEqual([999, 1000, 1699, 1700].map((now) => isUsable(lease, now, TIMES)), [false, true, true, false]);
  assert.equal(isUsable(undefined, 1000, TIMES), false);
});

test('writers wait longer than any lease lasts, and less than a second', () => {
  assert.ok(LEASE_TIMES.usableMs < LEASE_TIMES.waitMs);
  assert.ok(LEASE_TIMES.waitMs + RAISE_MS + 100 < 1000);
});

test('the wait for the leases before a generation counts from the first news of it, or of a later one', () => {
  const generations = new Generations();
  generations.learn(4, 1000);
  generations.learn(4, 5000);
  generations.learn(6, 6000);
  generations.learn(5, 7000);
  assert.deepEqual([4, 5, 6].map((generation) => generations.learnedAt(generation)), [1000, 6000, 6000]);
  assert.equal(generations.waitFor(4, 1100, TIMES), 650);
  assert.equal(generations.waitFor(4, 2000, TIMES), 0);
  assert.equal(generations.waitFor(5, 6100, TIMES), 650);
  assert.throws(() => generations.waitFor(7, 9000, TIMES), RangeError);
});

test('only the latest generations are remembered', () => {
  const generations = new Generations();
  for (let generation = 1; generation <= 100; generation += 1) generations.learn(generation, generation * 10);
  assert.equal(generations.learnedAt(100), 1000);
  assert.equal(generations.learnedAt(90), 900);
  assert.equal(generations.learnedAt(1), 850);
});

test('a target is written and read the same, and off is none', () => {
  const target = { replicationId: 'a'.repeat(40), nonce: '0123456789abcdef' };
  assert.equal(formatTarget(target), `${'a'.repeat(40)}:0123456789abcdef`);
  assert.deepEqual(parseTarget(formatTarget(target)), target);
  assert.equal(formatTarget(undefined), 'off');
  assert.equal(parseTarget('off'), undefined);
  assert.deepEqual(parseTarget('nonsense'), { replicationId: 'nonsense', nonce: '' });
  assert.equal(sameTarget(target, { ...target, nonce: 'other' }), false);
  assert.equal(sameTarget(target, { ...target }), true);
});
