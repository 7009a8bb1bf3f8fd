import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { programsOnPath } from './path.ts';

const PATH = process.env['PATH'];
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-path-'));
  process.env['PATH'] = `${folder}:/usr/bin:/bin`;
});
afterEach(() => {
  process.env['PATH'] = PATH;
  rmSync(folder, { recursive: true });
});

/** A program that answers to any arguments with one line. */
function program(name: string, answer: string): string {
  const file = join(folder, name);
  writeFileSync(file, `#!/bin/sh\necho '${answer}'\n`);
  chmodSync(file, 0o755);
  return file;
}

test('a program that is new enough is taken from PATH with its version', async () => {
  const file = program('redis-server', 'Redis server v=7.2.4 sha=00000000:0 malloc=libc bits=64 build=0');
  assert.deepEqual(await programsOnPath('redis', ['redis-server'], undefined), {
    'redis-server': { version: '7.2.4', command: [file], extraArgs: [], env: {} },
  });
});

test('one that is too old, or another product, is not taken', async () => {
  program('redis-server', 'Redis server v=6.0.16 sha=00000000:0 malloc=libc bits=64 build=0');
  assert.equal(await programsOnPath('redis', ['redis-server'], undefined), undefined);
  program('mysql', 'mysql  Ver 15.1 Distrib 10.11.14-MariaDB, for debian-linux-gnu (x86_64)');
  assert.equal(await programsOnPath('mysql', ['mysql'], undefined), undefined);
});

test('all of a product are taken from PATH, or none', async () => {
  program('mysql', 'mysql  Ver 8.4.6 for Linux on x86_64 (MySQL Community Server - GPL)');
  assert.equal(await programsOnPath('mysql', ['mysql', 'mysql-of-another-name'], undefined), undefined);
});

test('a program that cannot run is not taken', async () => {
  writeFileSync(join(folder, 'redis-server'), '#!/nowhere/sh\n', { mode: 0o755 });
  assert.equal(await programsOnPath('redis', ['redis-server'], undefined), undefined);
});
