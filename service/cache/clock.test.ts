import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { systemClock, TooLate, unlessAborted, within } from './clock.ts';

test('what does not come in time is too late, and its later failure is nobody\'s', async () => {
  const late = Promise.withResolvers<string>();
  await assert.rejects(within(late.promise, 5, 'Asking'), TooLate);
  late.reject(new Error('much later'));
});

test('an answer that lay ready while the process was busy still counts', async () => {
  const asked = Promise.withResolvers<string>();
  // Here the loop is past its sockets; timers, the time limit among them, come before it looks at those again.
  setImmediate(() => {
    const answer = new Promise<string>((resolve) => randomBytes(8, () => resolve('ready')));
    within(answer, 5, 'Asking').then(asked.resolve, asked.reject);
    const until = performance.now() + 50;
    while (performance.now() < until);
  });
  assert.equal(await asked.promise, 'ready');
});

test('an aborted wait ends with the signal\'s reason', async () => {
  const controller = new AbortController();
  const never = new Promise<string>(() => undefined);
  const waiting = [unlessAborted(never, controller.signal), systemClock.sleep(60_000, controller.signal)];
  controller.abort(new Error('enough'));
  for (const one of waiting) await assert.rejects(one, /enough/);
  await assert.rejects(unlessAborted(Promise.resolve('too late'), controller.signal), /enough/);
});
