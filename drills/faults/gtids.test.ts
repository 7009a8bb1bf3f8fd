import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gtidsIn } from './errant.ts';
import { transactionsIn } from './members.ts';

const UUID = '3e11fa47-71ca-11e1-9e33-c80aa9429562';

test('transactions of a GTID set are counted', () => {
  assert.deepEqual([transactionsIn(''), transactionsIn(`${UUID}:7`), transactionsIn(`${UUID}:1-10:12,\n${UUID}:3-4`)], [0, 1, 13]);
});

test('GTIDs are found in what mysqlbinlog prints', () => {
  const text = `# at 157\nSET @@SESSION.GTID_NEXT= '${UUID}:7'/*!*/;\nBEGIN\n### INSERT INTO x\n### @1='SET @@SESSION.GTID_NEXT= '\nSET @@SESSION.GTID_NEXT= 'AUTOMATIC' /* added */;\n`;
  assert.deepEqual(gtidsIn(text), [`${UUID}:7`]);
});
