import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientArguments } from './mysql.ts';

test('what follows is the client\'s own, with or without another --', () => {
  assert.deepEqual(clientArguments([]), []);
  assert.deepEqual(clientArguments(['-e', 'SELECT 1']), ['-e', 'SELECT 1']);
  assert.deepEqual(clientArguments(['--', '--table', '-e', 'SELECT 1']), ['--table', '-e', 'SELECT 1']);
});

test('a word alone is refused: the client would take it for a database', () => {
  for (const args of [['mysql-1'], ['--', 'mysql-1'], ['']]) {
    assert.throws(() => clientArguments(args), { name: 'UsageError', message: `npm run mysql leads to the primary, in the database holdfast, and takes only the client's own options, such as -- -e 'SELECT 1', not ${JSON.stringify(args.at(-1))}` });
  }
});
