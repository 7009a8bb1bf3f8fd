import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compare } from './errant.ts';
import { gtids, uuidOf } from './fixtures.ts';

const compared = (member: string, primary: string, purged = ''): ReturnType<typeof compare> => compare({ member: gtids(member), primary: gtids(primary), primaryPurged: gtids(purged), primaryUuid: uuidOf(1) });

test('a subset of the primary\'s set may follow', () => {
  assert.deepEqual(compared('0:1-9', '0:1-10,1:1-3'), { kind: 'contained' });
});

test('what the primary never had is errant, and is named', () => {
  assert.deepEqual(compared('0:1-12', '0:1-10,1:1-3'), { kind: 'errant', errant: gtids('0:11-12') });
});

test('a hole in the primary\'s own numbers is errant: no commit waits there', () => {
  assert.equal(compared('0:1-10,1:2', '0:1-10,1:1:3').kind, 'errant');
});

test('numbers of the primary\'s own above all that it has executed wait for their acknowledgement there', () => {
  assert.deepEqual(compared('0:1-10,1:1-5', '0:1-10,1:1-3'), { kind: 'ahead', ahead: gtids('1:4-5') });
});

test('purged-needed: a member that lacks what the primary has purged cannot follow it', () => {
  assert.deepEqual(compared('0:1-5', '0:1-10,1:1', '0:1-7'), { kind: 'behind-binlogs', missing: gtids('0:6-7') });
});

test('errant comes before behind: its transactions are saved first', () => {
  assert.equal(compared('0:1-5,2:1', '0:1-10', '0:1-7').kind, 'errant');
});
