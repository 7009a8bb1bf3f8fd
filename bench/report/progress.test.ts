import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bar, ProgressBar } from './progress.ts';

test('a bar is as full as the work is done, and no longer than the line', () => {
  assert.equal(bar(0.25, 'page', 80), '[#####---------------] page');
  assert.equal(bar(1, 'page', 80), '[####################] page');
  assert.equal(bar(0, 'page', 10), '[--------');
});

test('a terminal has one line that changes, a file one line for each step', () => {
  const written: string[] = [];
  const progress = (isTTY: boolean): ProgressBar => new ProgressBar({ isTTY, columns: 60, write: (text) => written.push(text) }, 2);
  const file = progress(false);
  file.begin('page');
  file.step('1 of 3');
  file.end();
  file.begin('post');
  file.clear();
  const terminal = progress(true);
  terminal.begin('page');
  terminal.clear();
  assert.deepEqual(written, ['1 of 2  page\n', '1 of 2  page  1 of 3\n', '2 of 2  post\n', '\r\u001b[2K[--------------------] 1 of 2  page', '\r\u001b[2K']);
});
