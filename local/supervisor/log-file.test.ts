import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { olderPart, openLog, rotateLog } from './log-file.ts';

test('a log that is too large is moved aside once, and its process goes on writing at the start of the empty file', (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-log-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'web-0.log');
  const file = openLog(path);
  context.after(() => closeSync(file));
  writeSync(file, 'first\n');
  assert.equal(rotateLog(path, 6), false);
  writeSync(file, 'second\n');
  assert.equal(rotateLog(path, 6), true);
  writeSync(file, 'third\n');
  assert.equal(readFileSync(path, 'utf8'), 'third\n');
  assert.equal(readFileSync(olderPart(path), 'utf8'), 'first\nsecond\n');
});

test('a log that is not there yet needs no room', () => {
  assert.equal(rotateLog('/nowhere/web-0.log', 0), false);
});
