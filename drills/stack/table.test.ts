import assert from 'node:assert/strict';
import { test } from 'node:test';
import { differencesOf } from './table.ts';

const FIRST = { name: 'mysql-0', executed: 'u:1-9', checksums: { 'holdfast.epoch': '11', 'holdfast.property': '12' } };

test('members with the same GTID set and the same checksums are equal', () => {
  assert.deepEqual(differencesOf([FIRST, { ...FIRST, name: 'mysql-1' }]), []);
});

test('another GTID set, another checksum and a missing table are differences', () => {
  assert.deepEqual(differencesOf([FIRST, { ...FIRST, name: 'mysql-1', executed: 'u:1-8' }, { ...FIRST, name: 'mysql-2', checksums: { 'holdfast.property': '13' } }]), [
    'mysql-1 has executed u:1-8, and mysql-0 u:1-9.',
    'holdfast.epoch differs between mysql-0 and mysql-2.',
    'holdfast.property differs between mysql-0 and mysql-2.',
  ]);
});
