import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { lastLines, readFrom } from './logs.ts';

test('the last lines of a log go back into its older part when it was just moved aside', (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-logs-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'web-0.log');
  writeFileSync(path, 'three\nfour\n');
  assert.equal(lastLines(path, 100), 'three\nfour\n');
  writeFileSync(`${path}.1`, 'one\ntwo\n');
  assert.equal(lastLines(path, 3), 'two\nthree\nfour\n');
  assert.equal(lastLines(path, 1), 'four\n');
});

test('following a log begins anew when it was emptied', (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-logs-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'web-0.log');
  writeFileSync(path, 'one\ntwo\n');
  const first = readFrom(path, 4);
  assert.deepEqual([first.bytes.toString(), first.offset], ['two\n', 8]);
  writeFileSync(path, 'x\n');
  const second = readFrom(path, first.offset);
  assert.deepEqual([second.bytes.toString(), second.offset], ['x\n', 2]);
});
