import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lossLines } from './loss.ts';

test('each transaction that would be lost is named, with who has it and why it is lost', () => {
  const lost = [
    { member: 'mysql-0', count: 1, gtids: 'aaaaaaaa-0000-0000-0000-000000000000:7', reason: 'mysql-1 lacks it' },
    { member: 'mysql-2', count: null, gtids: '', reason: 'it does not answer' },
  ];
  assert.deepEqual(lossLines(lost), [
    'What would be lost:',
    '  mysql-0: 1 transaction (mysql-1 lacks it): aaaaaaaa-0000-0000-0000-000000000000:7',
    '  mysql-2: nobody can tell how many (it does not answer)',
  ]);
});

test('that nothing would be lost is said, too', () => {
  assert.deepEqual(lossLines([]), ['No transaction would be lost, as far as the members that answer can tell.']);
});
