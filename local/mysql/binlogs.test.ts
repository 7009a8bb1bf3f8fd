import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { keepBinlogs } from './binlogs.ts';
import { memberFolder } from './folder.ts';
import { renewIdentity, serverUuid } from './identity.ts';

const DAY_MS = 86_400_000;
const UUID = '11111111-2222-3333-4444-555555555555';
let folder = memberFolder('');

beforeEach(() => {
  folder = memberFolder(mkdtempSync(join(tmpdir(), 'holdfast-binlogs-')));
  mkdirSync(folder.data);
  writeFileSync(join(folder.data, 'auto.cnf'), `[auto]\nserver-uuid=${UUID}\n`);
  writeFileSync(join(folder.data, 'binlog.index'), './binlog.000001\n');
  binlog('000001', 'one');
});

afterEach(() => rmSync(folder.root, { recursive: true }));

const binlog = (number: string, content: string): void => writeFileSync(join(folder.data, `binlog.${number}`), content);
const drop = (number: string): void => rmSync(join(folder.data, `binlog.${number}`));
const keep = (now = Date.now()): unknown => keepBinlogs(folder, serverUuid(folder) ?? '', now);
const kept = (): readonly string[] =>
  readdirSync(folder.binlogsKept, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .sort();

test('each binlog is linked once, and costs nothing while mysqld has it too', () => {
  assert.deepEqual(keep(), { linked: 1, removed: 0, files: 0, bytes: 0 });
  assert.deepEqual(keep(), { linked: 0, removed: 0, files: 0, bytes: 0 });
});

test('a deleted binlog is kept for a week', () => {
  keep();
  drop('000001');
  assert.deepEqual(keep(Date.now() + 6.9 * DAY_MS), { linked: 0, removed: 0, files: 1, bytes: 3 });
  assert.deepEqual(keep(Date.now() + 7.1 * DAY_MS), { linked: 0, removed: 1, files: 0, bytes: 0 });
  assert.deepEqual(readdirSync(folder.binlogsKept), []);
});

test('a binlog that mysqld still has is never given up, however old', () => {
  keep();
  assert.deepEqual(keep(Date.now() + 365 * DAY_MS), { linked: 0, removed: 0, files: 0, bytes: 0 });
});

test('a member keeps its identity while its binlogs go on, also when the oldest are purged', () => {
  assert.equal(renewIdentity(folder), false);
  keep();
  binlog('000002', 'two');
  assert.equal(renewIdentity(folder), false);
  keep();
  drop('000001');
  binlog('000003', 'three');
  assert.equal(renewIdentity(folder), false);
  assert.equal(serverUuid(folder), UUID);
});

test('a history that starts again under the same names gives a new identity, once, and leaves both histories', () => {
  keep();
  drop('000001');
  binlog('000001', 'another');
  assert.equal(renewIdentity(folder), true);
  const renewed = serverUuid(folder);
  assert.match(renewed ?? '', /^[0-9a-f-]{36}$/);
  assert.notEqual(renewed, UUID);
  assert.deepEqual(keep(), { linked: 1, removed: 0, files: 1, bytes: 3 });
  assert.deepEqual(kept(), ['another', 'one']);
  assert.equal(renewIdentity(folder), false);
  assert.equal(serverUuid(folder), renewed);
});

test('binlogs that are gone altogether, or that begin at a lower number, give a new identity', () => {
  drop('000001');
  binlog('000005', 'five');
  keep();
  drop('000005');
  assert.equal(renewIdentity(folder), true);
  const renewed = serverUuid(folder);
  binlog('000007', 'seven');
  keep();
  drop('000007');
  binlog('000001', 'new');
  assert.equal(renewIdentity(folder), true);
  assert.notEqual(serverUuid(folder), renewed);
});

test('a CLONE that is whole gives a new identity, what is left after the next start does not', () => {
  mkdirSync(join(folder.data, '#clone'));
  for (const name of ['#status_recovery', '#view_status', '#view_progress']) writeFileSync(join(folder.data, '#clone', name), '');
  assert.equal(renewIdentity(folder), false);
  writeFileSync(join(folder.data, '#clone', '#status_fix'), '');
  assert.equal(renewIdentity(folder), true);
});

test('a member without an identity gets one, which is no re-seed', () => {
  rmSync(join(folder.data, 'auto.cnf'));
  assert.equal(renewIdentity(folder), false);
  assert.match(serverUuid(folder) ?? '', /^[0-9a-f-]{36}$/);
});
