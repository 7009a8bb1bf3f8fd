import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { Problem } from '../programs/problem.ts';
import { checkPath, checkSpace, isDataFolder, openDataFolder } from './data-folder.ts';
import { makeSecrets, readSecrets } from './secrets.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-folder-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const problem = (text: RegExp) => (error: unknown): true => {
  assert.ok(error instanceof Problem);
  assert.match(error.message, text);
  return true;
};

test('the first start makes the folder with passwords that only its owner can read', () => {
  const dataDir = join(folder, 'deep', 'data');
  openDataFolder(dataDir);
  assert.deepEqual(readdirSync(dataDir).sort(), ['holdfast.json', 'logs', 'secrets.json']);
  assert.equal(statSync(join(dataDir, 'secrets.json')).mode & 0o777, 0o600);
  assert.equal(statSync(dataDir).mode & 0o777, 0o700);
  const { mysql, redis, cookie } = readSecrets(join(dataDir, 'secrets.json'));
  assert.equal(new Set([...Object.values(mysql), redis, cookie]).size, 8);
  assert.ok([...Object.values(mysql), redis, cookie].every((secret) => /^[\w-]{32}$/.test(secret)));
});

test('a later start keeps the passwords', () => {
  openDataFolder(folder);
  const before = readFileSync(join(folder, 'secrets.json'), 'utf8');
  openDataFolder(folder);
  makeSecrets(join(folder, 'secrets.json'));
  assert.equal(readFileSync(join(folder, 'secrets.json'), 'utf8'), before);
});

test('a first start that broke off after the passwords is gone on with', () => {
  makeSecrets(join(folder, 'secrets.json'));
  const before = readFileSync(join(folder, 'secrets.json'), 'utf8');
  openDataFolder(folder);
  assert.equal(isDataFolder(folder), true);
  assert.equal(readFileSync(join(folder, 'secrets.json'), 'utf8'), before);
});

test('a folder of another version is refused with what to do', () => {
  openDataFolder(folder);
  writeFileSync(join(folder, 'holdfast.json'), '{"format":2}');
  assert.throws(() => openDataFolder(folder), problem(/holdfast\.json is of format 2, this holdfast uses 1: use the version that made it, choose another folder with --data/));
  writeFileSync(join(folder, 'holdfast.json'), '{"format":"1"}');
  assert.throws(() => openDataFolder(folder), problem(/holdfast\.json is of format "1", this holdfast uses 1/));
  writeFileSync(join(folder, 'holdfast.json'), 'half of i');
  assert.throws(() => openDataFolder(folder), problem(/cannot be read: put it back/));
});

test('a folder with other things in it is not taken', () => {
  mkdirSync(join(folder, 'photos'));
  assert.throws(() => openDataFolder(folder), problem(/is not empty, and no data folder of holdfast: choose another one with --data/));
  assert.equal(isDataFolder(folder), false);
});

test('lost or half passwords are not made anew: the data was made with the old ones', () => {
  openDataFolder(folder);
  writeFileSync(join(folder, 'secrets.json'), '{"redis":"x"}');
  assert.throws(() => readSecrets(join(folder, 'secrets.json')), problem(/has no password for holdfast_operator: put the whole file back/));
  writeFileSync(join(folder, 'secrets.json'), 'null');
  assert.throws(() => readSecrets(join(folder, 'secrets.json')), problem(/has no password for holdfast_operator: put the whole file back/));
  rmSync(join(folder, 'secrets.json'));
  assert.throws(() => readSecrets(join(folder, 'secrets.json')), problem(/without its passwords the data cannot be used/));
});

test('a folder that cannot be written is one sentence', () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  assert.throws(() => openDataFolder(join(file, 'data')), problem(/^Opening the data folder in .* failed: .*choose another folder/));
  assert.throws(() => openDataFolder(file), problem(/failed: a file is in the way where a folder is needed/));
});

test('a place where no folder can be made is one sentence, and not tried for ever', { skip: process.platform !== 'linux' }, () => {
  assert.throws(() => openDataFolder('/proc/holdfast'), problem(/^Opening the data folder in \/proc\/holdfast failed: there is no such file or folder, and it cannot be made: choose another folder\.$/));
});

test('a folder of another user is one sentence', { skip: process.getuid?.() === 0 ? 'root may write everywhere' : false }, () => {
  chmodSync(folder, 0o500);
  assert.throws(() => openDataFolder(join(folder, 'data')), problem(/may not be written by this user/));
});

test('a full disk is one sentence with what is there and what is needed', () => {
  assert.throws(() => checkSpace('/data', 120_000_000, 300_000_000), problem(/^The disk of \/data is full: 120 MB are free, 300 MB are needed\. Free some space, or choose a folder on another disk with --data\.$/));
  checkSpace('/data', 300_000_000, 300_000_000);
});

test('a path that is too long for a socket is refused', () => {
  assert.throws(() => checkPath(`/${'x'.repeat(78)}`), problem(/too long for a Unix socket below it: choose one of at most 78 bytes/));
  checkPath(`/${'x'.repeat(77)}`);
});
