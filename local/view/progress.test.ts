import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainProgress, ProgressLines } from './progress.ts';
import { plain } from './table.ts';

test('a topic has one line, with its latest text', () => {
  const progress = new ProgressLines();
  progress.busy('programs', 'fetching MySQL');
  progress.busy('data', 'mysql-0');
  progress.done('programs', 'MySQL 9.7.4');
  assert.deepEqual(progress.lines(plain), ['✓ programs  MySQL 9.7.4', '… data      mysql-0']);
});

test('where lines stay, those of one topic come seldom, but its end always', () => {
  const lines: string[] = [];
  let now = 0;
  const progress = plainProgress((line) => lines.push(line), () => now);
  for (now = 0; now < 7000; now += 100) progress.busy('programs', `${now} of 7000 bytes`);
  for (now = 7000; now < 20_000; now += 100) progress.busy('data', now < 8000 ? 'mysql-0, mysql-1' : 'mysql-1');
  progress.done('programs', 'fetched');
  progress.done('programs', 'fetched');
  assert.deepEqual(lines, ['programs: 0 of 7000 bytes', 'programs: 3000 of 7000 bytes', 'programs: 6000 of 7000 bytes', 'data: mysql-0, mysql-1', 'data: mysql-1', 'programs: fetched']);
});
