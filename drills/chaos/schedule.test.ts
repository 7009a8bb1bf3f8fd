import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomFrom } from '../../common/random.ts';
import { LOCAL_KINDS } from './faults.ts';
import { between } from './random.ts';
import { schedule } from './schedule.ts';

const first = (seed: number, count: number) => schedule(seed, LOCAL_KINDS).take(count).map(({ number, name, pauseMs, failures }) => ({ number, name, pauseMs, failures })).toArray();

test('the same seed gives the same schedule, and another seed another', () => {
  assert.deepEqual(first(7, 50), first(7, 50));
  assert.notDeepEqual(first(7, 50), first(8, 50));
  assert.deepEqual(first(7, 3).map(({ number }) => number), [1, 2, 3]);
});

test('every process is hit sooner or later, and only an edge may cost requests', () => {
  const rounds = first(1, 2000);
  for (const name of ['mysql-0', 'mysql-1', 'mysql-2', 'redis-0', 'sentinel-2', 'web-1', 'nginx-0', 'operator']) {
    assert.ok(rounds.some((round) => round.name === `kill ${name}`), `kill ${name}`);
    assert.ok(rounds.some((round) => round.name.startsWith(`freeze ${name} for `)), `freeze ${name}`);
  }
  assert.ok(rounds.every(({ name, failures }) => (failures === 'none') !== name.includes('nginx')));
  assert.ok(rounds.every(({ pauseMs }) => pauseMs >= 100 && pauseMs <= 3000));
});

test('times are drawn so that short ones are as likely as long ones', () => {
  const random = randomFrom(3);
  const times = Array.from({ length: 3000 }, () => between(random, 100, 10_000));
  assert.ok(times.every((ms) => ms >= 100 && ms <= 10_000));
  const short = times.filter((ms) => ms < 1000).length;
  assert.ok(short > 1400 && short < 1600, `${short} of 3000 below a second`);
});

test('the numbers of a seed stay what they are', () => {
  const random = randomFrom(42);
  assert.deepEqual([random(), random(), random()].map((value) => Math.floor(value * 1_000_000)), [601_103, 448_290, 852_465]);
});
