import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareVersions, gtidOf, highestNumber } from './version.ts';

const A = '3e11fa47-71ca-11e1-9e33-c80aa9429562';
const B = '4d4e8dc4-71ca-11e1-9e33-c80aa9429562';

test('a later epoch is newer, whatever its numbers; in one epoch the number decides', () => {
  const versions = [
    { epoch: 2, serverUuid: B, n: 1 },
    { epoch: 1, serverUuid: A, n: 10 },
    { epoch: 1, serverUuid: A, n: 9 },
    { epoch: 10, serverUuid: A, n: 11 },
  ];
  assert.deepEqual(versions.toSorted(compareVersions).map(({ epoch, n }) => [epoch, n]), [[1, 9], [1, 10], [2, 1], [10, 11]]);
  assert.equal(compareVersions({ epoch: 3, n: 5 }, { epoch: 3, n: 5 }), 0);
});

test('the highest number of a server is found in a GTID set as MySQL writes it', () => {
  const set = `${A}:1-5:11-18:27,\n${B}:1-3:9`;
  assert.equal(highestNumber(set, A), 27);
  assert.equal(highestNumber(set, B), 9);
  assert.equal(highestNumber(set, A.toUpperCase()), 27);
  assert.equal(highestNumber(`${A}:7`, A), 7);
  assert.equal(highestNumber(`${A}:1-5:operator:1-900`, A), 5);
  assert.equal(highestNumber(`${A}:operator:1-900`, A), 0);
  assert.equal(highestNumber(set, 'another'), 0);
  assert.equal(highestNumber('', A), 0);
});

test('a version names the GTID of its write', () => {
  assert.equal(gtidOf({ epoch: 7, serverUuid: A, n: 12 }), `${A}:12`);
});
