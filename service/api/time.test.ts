import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answeredTime, storedTime } from './time.ts';

test('a time with an offset is stored in UTC and answered with +00:00', () => {
  assert.equal(storedTime('2016-05-07T00:00:00+00:00'), '2016-05-07 00:00:00');
  assert.equal(storedTime('2016-05-07T10:00:00+10:00'), '2016-05-07 00:00:00');
  assert.equal(storedTime('2016-05-06T23:30:00-00:30'), '2016-05-07 00:00:00');
  assert.equal(storedTime('2016-05-07t00:00:00z'), '2016-05-07 00:00:00');
  assert.equal(answeredTime('2016-05-07 00:00:00'), '2016-05-07T00:00:00+00:00');
});

test('fractions of a second are cut off', () => {
  assert.equal(storedTime('2016-05-07T00:00:59.999Z'), '2016-05-07 00:00:59');
});

test('the 29th of February is a day in leap years only', () => {
  assert.equal(storedTime('2016-02-29T12:00:00Z'), '2016-02-29 12:00:00');
  assert.equal(storedTime('2000-02-29T12:00:00Z'), '2000-02-29 12:00:00');
  assert.equal(storedTime('2015-02-29T12:00:00Z'), undefined);
  assert.equal(storedTime('1900-02-29T12:00:00Z'), undefined);
});

test('what is no time with an offset is refused', () => {
  for (const text of ['', '2016-05-07', '2016-05-07T00:00:00', '2016-05-07 00:00:00Z', '2016-13-01T00:00:00Z', '2016-04-31T00:00:00Z', '2016-05-07T24:00:00Z', '2016-05-07T00:60:00Z',
    '2016-05-07T23:59:60Z', '2016-05-07T00:00:00+24:00', '2016-05-07T00:00:00+0000', '16-05-07T00:00:00Z', '2016-05-07T00:00:00.Z', '１２16-05-07T00:00:00Z']) {
    assert.equal(storedTime(text), undefined, text);
  }
});

test('the range is DATETIME’s, counted in UTC', () => {
  assert.equal(storedTime('1000-01-01T00:00:00Z'), '1000-01-01 00:00:00');
  assert.equal(storedTime('1000-01-01T00:00:00+00:01'), undefined);
  assert.equal(storedTime('9999-12-31T23:59:59Z'), '9999-12-31 23:59:59');
  assert.equal(storedTime('9999-12-31T23:59:59-00:01'), undefined);
  assert.equal(storedTime('0050-01-01T00:00:00Z'), undefined);
});
