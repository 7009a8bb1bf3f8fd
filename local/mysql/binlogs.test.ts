import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { keepBinlogs } from './binlogs.ts';
import { memberFolder } from './folder.ts';

const DAY_MS = 86_400_000;
let folder = memberFolder('');

beforeEach(() => {
  folder = memberFolder(mkdtempSync(join(tmpdir(), 'holdfast-binlogs-')));
  mkdirSync(folder.data);
  writeFileSync(join(folder.data, 'binlog.000001'), 'one');
  writeFileSync(join(folder.data, 'binlog.index'), './binlog.000001\n');
});

afterEach(() => rmSync(folder.root, { recursive: true }));

const kept = (): readonly string[] => readdirSync(folder.binlogsKept).map((name) => readFileSync(join(folder.binlogsKept, name), 'utf8')).sort();

test('each binlog is linked once, and costs nothing while mysqld has it too', () => {
  assert.deepEqual(keepBinlogs(folder, Date.now()), { linked: 1, removed: 0, files: 0, bytes: 0 });
  assert.deepEqual(keepBinlogs(folder, Date.now()), { linked: 0, removed: 0, files: 0, bytes: 0 });
});

test('a binlog that is deleted and made anew under the same name leaves both', () => {
  keepBinlogs(folder, Date.now());
  rmSync(join(folder.data, 'binlog.000001'));
  writeFileSync(join(folder.data, 'binlog.000001'), 'another');
  assert.deepEqual(keepBinlogs(folder, Date.now()), { linked: 1, removed: 0, files: 1, bytes: 3 });
  assert.deepEqual(kept(), ['another', 'one']);
});

test('a deleted binlog is kept for a week', () => {
  keepBinlogs(folder, Date.now());
  rmSync(join(folder.data, 'binlog.000001'));
  assert.deepEqual(keepBinlogs(folder, Date.now() + 6.9 * DAY_MS), { linked: 0, removed: 0, files: 1, bytes: 3 });
  assert.deepEqual(keepBinlogs(folder, Date.now() + 7.1 * DAY_MS), { linked: 0, removed: 1, files: 0, bytes: 0 });
});

test('a binlog that mysqld still has is never given up, however old', () => {
  keepBinlogs(folder, Date.now());
  assert.deepEqual(keepBinlogs(folder, Date.now() + 365 * DAY_MS), { linked: 0, removed: 0, files: 0, bytes: 0 });
});
