import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lineOf, resultOf } from './wrk.ts';

test('the line that the script writes is found among what wrk itself prints', () => {
  const output = 'Running 2s test @ http://127.0.0.1:8\n  Requests/sec:  5.00\n{"requests":3000,"microseconds":2000000,"failed":2,"p50":150,"p99":2500}\n';
  assert.deepEqual(resultOf(output, 0.8), { perSecond: 1500, p50Ms: 0.15, p99Ms: 2.5, failed: 2, cpu: 0.8 });
});

test('an end without a result says what wrk wrote', () => {
  assert.throws(() => resultOf('unable to connect to 127.0.0.1:1 Connection refused\n', 0), /gave no result: unable to connect/);
});

test('a request is one line', () => {
  assert.equal(lineOf({ method: 'GET', path: '/a?b=1' }), 'GET\t/a?b=1\t\n');
  assert.equal(lineOf({ method: 'POST', path: '/a', body: '{"x":1}' }), 'POST\t/a\t{"x":1}\n');
});
