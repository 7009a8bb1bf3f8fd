import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bar, makeOutDir, reasonOf, stampNow } from './reports.ts';

test('an error is told with its causes', () => {
  assert.equal(reasonOf(new Error('no answer', { cause: new Error('closed', { cause: 'by a person' }) })), 'no answer ← closed ← by a person');
});

test('a bar is as full as what it shows, and never more', () => {
  assert.deepEqual([-1, 0, 0.5, 1, 2].map((share) => bar(share, 4)), ['[----]', '[----]', '[##--]', '[####]', '[####]']);
});

test('the time in a name has no sign that a file system could mind', () => {
  assert.match(stampNow(), /^\d{8}-\d{6}$/);
});

test('a folder that cannot be made is named, with what to do', () => {
  class Refusal extends Error {}
  assert.throws(() => makeOutDir(`${process.execPath}/reports`, Refusal), (error) => error instanceof Refusal && /^The folder of --out, .*\/reports, cannot be made: ENOTDIR: .*\. Name another\.$/.test(error.message));
});
