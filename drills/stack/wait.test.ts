import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from './wait.ts';

const signal = new AbortController().signal;

test('waits until there is something to see', async () => {
  let looks = 0;
  assert.equal(await until({ what: 'It', boundMs: 1000, everyMs: 1, signal }, () => ((looks += 1) < 3 ? null : looks)), 3);
});

test('says what did not happen, and why the last look failed', async () => {
  const looking = until({ what: 'A new start of web-0', boundMs: 5, everyMs: 1, signal }, () => Promise.reject(new Error('refused')));
  await assert.rejects(looking, (error: Error) => {
    assert.equal(error.message, 'A new start of web-0 did not happen within 5 ms.');
    assert.equal((error.cause as Error).message, 'refused');
    return true;
  });
});

test('ends at once when it is interrupted', async () => {
  await assert.rejects(until({ what: 'It', boundMs: 60_000, signal: AbortSignal.abort(new Error('interrupted')) }, () => null), /interrupted/);
});
