import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { readRecord, writeRecord } from './record.ts';

let path = '';
before(() => (path = join(mkdtempSync(join(tmpdir(), 'holdfast-record-')), 'supervisor.json')));
after(() => rmSync(join(path, '..'), { recursive: true }));

const PROCESS = { pid: 8, born: 'b/2', name: 'mysql-0', kind: 'mysql', program: '/usr/sbin/mysqld' } as const;
const RECORD = { supervisor: { pid: 7, born: 'b/1' }, statusPort: 18_070, processes: [PROCESS] } as const;

test('a record comes back as it was written, and without a file there is none', () => {
  assert.equal(readRecord(path), undefined);
  writeRecord(path, RECORD);
  assert.deepEqual(readRecord(path), RECORD);
});

test('a record that is not whole is refused with what to do: by it processes are ended', () => {
  const broken: readonly unknown[] = [
    null, 7, [], {}, { ...RECORD, supervisor: {} }, { ...RECORD, supervisor: { pid: 0, born: 'b/1' } }, { ...RECORD, supervisor: { pid: 7 } },
    { ...RECORD, statusPort: 'x' }, { ...RECORD, processes: undefined }, { ...RECORD, processes: [null] }, { ...RECORD, processes: [{ ...PROCESS, pid: -1 }] }, { ...RECORD, processes: [{ ...PROCESS, program: 5 }] },
  ];
  for (const text of ['', '{"superv', ...broken.map((one) => JSON.stringify(one))]) {
    writeFileSync(path, text);
    assert.throws(() => readRecord(path), { name: 'Problem', message: `${path} cannot be read: end by hand what still runs of the stack, then delete this file.` }, text);
  }
});

test('a folder in its place is one sentence', () => {
  rmSync(path, { force: true });
  mkdirSync(path);
  assert.throws(() => readRecord(path), { name: 'Problem', message: `Reading what runs in ${path} failed: a folder is in the way where a file is needed: move it away, or choose another folder.` });
});
