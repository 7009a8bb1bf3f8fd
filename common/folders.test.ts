import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { makeFolder } from './folders.ts';

let folder = '';
before(() => (folder = mkdtempSync(join(tmpdir(), 'holdfast-folders-'))));
after(() => rmSync(folder, { recursive: true }));

test('a folder is made with those above it, and one that is there is left as it is', () => {
  makeFolder(join(folder, 'a/b/c'), 0o700);
  assert.equal(statSync(join(folder, 'a/b/c')).mode & 0o777, 0o700);
  assert.equal(statSync(join(folder, 'a')).mode & 0o777, 0o700);
  makeFolder(join(folder, 'a/b/c'), 0o750);
  assert.equal(statSync(join(folder, 'a/b/c')).mode & 0o777, 0o700);
});

test('a file in the way is said to be no folder', () => {
  writeFileSync(join(folder, 'file'), '');
  assert.throws(() => makeFolder(join(folder, 'file')), { code: 'ENOTDIR' });
  assert.throws(() => makeFolder(join(folder, 'file/below')), { code: 'ENOTDIR' });
});

test('a folder that can never be made is an error, not a loop', { skip: process.platform !== 'linux' }, () => {
  const script = `import { makeFolder } from ${JSON.stringify(join(import.meta.dirname, 'folders.ts'))}; try { makeFolder('/proc/holdfast/data'); } catch (error) { console.log(error.code); }`;
  const { stdout, signal } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8', timeout: 20_000, killSignal: 'SIGKILL' });
  assert.deepEqual([stdout, signal], ['ENOENT\n', null]);
});
