import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calmFor, canUse, decideGeneration } from './generation.ts';
import type { GenerationView, RedisHealth } from './generation.ts';

const TIMES = { usableMs: 700, waitMs: 750 };
const TARGET = { replicationId: 'r1', nonce: 'n1' };
const ON = { generation: 7, target: TARGET, owner: 'web-0', renewals: 0 };
const OFF = { generation: 8, target: undefined, owner: 'web-0', renewals: 3 };
const HEALTHY: RedisHealth = { state: 'healthy', replicationId: 'r1', openedAt: 90_000, since: 90_000 };
const UNREACHABLE: RedisHealth = { state: 'unreachable' };

/** Everything long ago, seen by web-0 at second 100. */
const VIEW: GenerationView = { now: 100_000, me: 'web-0', row: OFF, learnedAt: 50_000, movedAt: 50_000, redis: HEALTHY, lost: undefined, unusableSince: undefined, calmMs: 500, renewedAt: 50_000 };

const kindOf = (change: Partial<GenerationView>): string => decideGeneration({ ...VIEW, ...change }, TIMES).kind;

const SITUATIONS: readonly (readonly [string, Partial<GenerationView>, string])[] = [
  ['on and usable', { row: ON }, 'leave'],
  ['on, not usable for a moment', { row: ON, redis: UNREACHABLE, unusableSince: 99_001 }, 'leave'],
  ['on, not usable for a second', { row: ON, redis: UNREACHABLE, unusableSince: 99_000 }, 'turn-off'],
  ['on, but the state is lost for a second', { row: ON, lost: TARGET, unusableSince: 99_000 }, 'turn-off'],
  ['on in another Redis, looked up before', { row: ON, redis: { ...HEALTHY, replicationId: 'r2', openedAt: 49_999 }, unusableSince: 98_000 }, 'reconnect'],
  ['on in another Redis, looked up after and healthy just now', { row: ON, redis: { ...HEALTHY, replicationId: 'r2', since: 99_001 }, unusableSince: 98_000 }, 'leave'],
  ['on in another Redis, looked up after and healthy for a second', { row: ON, redis: { ...HEALTHY, replicationId: 'r2', since: 99_000 }, unusableSince: 98_000 }, 'turn-off'],
  ['off by me, Redis healthy', {}, 'turn-on'],
  ['off by me, just now', { learnedAt: 99_250, redis: { ...HEALTHY, openedAt: 99_300 } }, 'leave'],
  ['off by me, when the last lease has ended', { learnedAt: 99_249, redis: { ...HEALTHY, openedAt: 99_300 } }, 'turn-on'],
  ['off by me, Redis looked up before that', { redis: { ...HEALTHY, openedAt: 49_000 } }, 'reconnect'],
  ['off by me, Redis healthy only just now', { redis: { ...HEALTHY, since: 99_600 }, renewedAt: 96_000 }, 'leave'],
  ['off by me, Redis unreachable, renewed lately', { redis: UNREACHABLE, renewedAt: 96_000 }, 'leave'],
  ['off by me, Redis unreachable, not renewed for five seconds', { redis: UNREACHABLE, renewedAt: 95_000 }, 'renew'],
  ['off by me, Redis unsteady, not renewed for five seconds', { redis: { ...HEALTHY, since: 99_600 }, renewedAt: 95_000 }, 'renew'],
  ['off by another, who renews', { me: 'web-1', movedAt: 90_000 }, 'leave'],
  ['off by another, who has not renewed for 15 seconds', { me: 'web-1', movedAt: 85_000 }, 'turn-on'],
  ['off by another, Redis unreachable from here too', { me: 'web-1', redis: UNREACHABLE }, 'leave'],
  ['off since the first start', { me: 'web-1', row: { ...OFF, owner: '' }, movedAt: 99_000 }, 'turn-on'],
];

for (const [situation, change, kind] of SITUATIONS) {
  test(`${situation}: ${kind}`, () => {
    assert.equal(kindOf(change), kind);
  });
}

test('a turn-on names the data set that was looked up', () => {
  assert.deepEqual(decideGeneration(VIEW, TIMES), { kind: 'turn-on', reason: 'the cache is off and Redis is healthy', replicationId: 'r1' });
});

test('a target can be used when this very data set answers and has its state', () => {
  assert.equal(canUse(ON, HEALTHY, undefined), true);
  assert.equal(canUse(ON, HEALTHY, { replicationId: 'r1', nonce: 'older' }), true);
  assert.equal(canUse(ON, HEALTHY, TARGET), false);
  assert.equal(canUse(ON, { ...HEALTHY, replicationId: 'r2' }, undefined), false);
  assert.equal(canUse(ON, UNREACHABLE, undefined), false);
  assert.equal(canUse(OFF, HEALTHY, undefined), false);
});

test('who turns the cache off again and again waits longer before turning it on', () => {
  assert.deepEqual([0, 1, 2, 3, 7, 8, 50].map(calmFor), [500, 500, 1000, 2000, 32_000, 60_000, 60_000]);
});
