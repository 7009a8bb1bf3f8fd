import assert from 'node:assert/strict';
import { test } from 'node:test';
import { after, UNBORN } from './restarts.ts';
import type { Happening, Life } from './restarts.ts';

const START: Happening = { kind: 'start' };
const READY: Happening = { kind: 'ready' };
const CRASH: Happening = { kind: 'ended', asked: 'nothing' };

function pause(life: Life, now: number): number {
  assert.equal(life.phase.state, 'backing-off');
  return life.phase.state === 'backing-off' ? life.phase.until - now : Number.NaN;
}

test('a process that ends is started again at once the first time, then after growing pauses', () => {
  let life = UNBORN;
  const pauses = [1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000].map((now) => {
    life = after(after(life, START, now), CRASH, now);
    return pause(life, now);
  });
  assert.deepEqual(pauses, [0, 500, 1000, 2000, 4000, 8000, 15_000, 15_000]);
  assert.equal(life.restarts, 8);
});

test('ten healthy seconds make the next end a first one again', () => {
  let life = UNBORN;
  for (const now of [0, 100, 200]) life = after(after(life, START, now), CRASH, now);
  life = after(after(life, START, 5000), READY, 6000);
  assert.equal(pause(after(life, CRASH, 15_999), 15_999), 2000);
  assert.equal(pause(after(life, CRASH, 16_000), 16_000), 0);
});

test('a process that was long alive but never ready is not healthy', () => {
  let life = after(after(UNBORN, START, 0), CRASH, 0);
  life = after(life, START, 0);
  assert.equal(pause(after(life, CRASH, 60_000), 60_000), 500);
});

test('a restart that the process itself asked for costs no pause and is no failure', () => {
  let life = after(after(after(UNBORN, START, 0), CRASH, 1), START, 1);
  life = after(life, { kind: 'ended', asked: 'restart' }, 50);
  assert.deepEqual(life, { phase: { state: 'backing-off', until: 50 }, restarts: 2, failures: 1 });
});

test('what comes late changes nothing: a stopped process stays stopped, its pause is not counted twice', () => {
  const stopped = after(after(UNBORN, START, 0), { kind: 'stop' }, 10);
  assert.deepEqual(after(stopped, CRASH, 20), stopped);
  assert.deepEqual(after(stopped, READY, 20), stopped);
  const waiting = after(after(UNBORN, START, 0), CRASH, 10);
  assert.deepEqual(after(waiting, CRASH, 20), waiting);
  assert.deepEqual(after(waiting, READY, 20), waiting);
});

test('readiness is counted once, from its first answer', () => {
  const running = after(after(UNBORN, START, 0), READY, 300);
  assert.deepEqual(after(running, READY, 900), running);
  assert.deepEqual(running.phase, { state: 'running', since: 300 });
});
