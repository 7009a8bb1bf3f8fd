import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectedFrom, heard, look, silentFor } from './silence.ts';

const looks = (from: number, to: number) => Array.from({ length: (to - from) / 250 }, (_, index) => from + 250 * (index + 1));

test('silence grows from the last answer on', () => {
  let silence = heard(expectedFrom(0), 100);
  for (const now of looks(0, 2000)) silence = look(silence, now);
  assert.equal(silentFor(silence), 1900);
  assert.equal(silentFor(heard(silence, 1990)), 10);
});

test('an observer that was frozen or asleep blames nobody', () => {
  let silence = expectedFrom(0);
  for (const now of looks(0, 1500)) silence = look(silence, now);
  assert.equal(silentFor(silence), 1500);
  silence = look(silence, 60_000);
  assert.equal(silentFor(silence), 0);
  for (const now of looks(60_000, 61_000)) silence = look(silence, now);
  assert.equal(silentFor(silence), 1000);
});

test('an answer that is reported late does not turn the clock back', () => {
  const silence = heard(expectedFrom(5000), 4000);
  assert.equal(silence.heardAt, 5000);
});
