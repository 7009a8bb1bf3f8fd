import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diskProblem, Problem, saysDiskFull } from './problem.ts';

const refused = (code: string): Error => Object.assign(new Error(`${code}: no`), { code });

test('a refusal of the file system becomes one sentence with its remedy', () => {
  const problem = diskProblem(refused('ENOSPC'), 'Keeping the binlogs', '/data/mysql-0');
  assert.ok(problem instanceof Problem);
  assert.equal(problem.message, 'Keeping the binlogs in /data/mysql-0 failed: the disk is full: free some space and start again.');
  assert.match((diskProblem(refused('EACCES'), 'x', 'y') as Problem).message, /may not be written by this user/);
  assert.match((diskProblem(refused('EROFS'), 'x', 'y') as Problem).message, /its disk is read-only/);
});

test('any other error stays what it is', () => {
  const error = refused('ECONNREFUSED');
  assert.equal(diskProblem(error, 'x', 'y'), error);
  assert.equal(diskProblem('text', 'x', 'y'), 'text');
});

test('a full disk is found in what apt, dpkg and mysqld say', () => {
  assert.ok(saysDiskFull('Error writing to file - write (28: No space left on device)'));
  assert.ok(saysDiskFull("E: You don't have enough free space in /x/."));
  assert.ok(saysDiskFull('[ERROR] [MY-012639] [InnoDB] Write to file ./undo_002 failed at offset 11534336. Operating system error number 28.'));
  assert.ok(!saysDiskFull('[ERROR] [MY-010119] [Server] Aborting'));
  assert.ok(!saysDiskFull('Check also that the disk is not full or a disk quota exceeded. Operating system error number 22.'));
});
