import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CLOCK } from '../operator.ts';
import { settleEnough } from './crew.ts';

const never = new Promise<string>(() => undefined);

test('one that hangs holds up nobody once enough have succeeded', async () => {
  assert.deepEqual(await settleEnough(CLOCK, [Promise.resolve('a'), never, Promise.resolve('b')], { enough: 2, graceMs: 5 }), ['a', 'b']);
});

test('those that are nearly as fast are waited for', async () => {
  const late = sleep(10, 'late');
  assert.deepEqual(await settleEnough(CLOCK, [Promise.resolve('a'), late], { enough: 1, graceMs: 500 }), ['a', 'late']);
});

test('failures count as settled, and not as successes', async () => {
  assert.deepEqual(await settleEnough(CLOCK, [Promise.reject(new Error('gone')), Promise.resolve('b')], { enough: 2, graceMs: 5 }), ['b']);
});
