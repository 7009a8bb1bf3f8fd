import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCommand } from './options.ts';

const CASES = [{ name: 'a', says: 'x' }, { name: 'b', says: 'y' }];
const parse = (...args: readonly string[]) => parseCommand(args, CASES);

test('without names every case is run, with them those in their order', () => {
  assert.deepEqual(parse(), { kind: 'run', cases: CASES, options: { pairs: 3, seconds: 5, gigabytes: 1, load: 'auto', outDir: 'bench/results' } });
  assert.deepEqual(parse('b', 'a', '--pairs', '5', '--seconds', '2', '--gigabytes', '0.5', '--load', 'wrk', '--out', '/x'), {
    kind: 'run', cases: [CASES[1], CASES[0]], options: { pairs: 5, seconds: 2, gigabytes: 0.5, load: 'wrk', outDir: '/x' },
  });
});

test('help and list are understood', () => {
  assert.deepEqual(parse('--help'), { kind: 'help' });
  assert.deepEqual(parse('list'), { kind: 'list' });
});

test('whatever cannot be used is named', () => {
  assert.throws(() => parse('c'), /There is no case "c": npm run bench -- list names them all\./);
  assert.throws(() => parse('--pears', '3'), /See npm run bench -- --help\./);
  assert.throws(() => parse('--pairs', '0'), /--pairs takes a number from 1 to 100, not "0"\./);
  assert.throws(() => parse('--pairs', '1.5'), /--pairs takes a whole number, not 1\.5\./);
  assert.throws(() => parse('--seconds', 'x'), /--seconds takes a number from 1 to 600, not "x"\./);
  assert.throws(() => parse('--gigabytes', '-1'), /--gigabytes/);
  assert.throws(() => parse('--load', 'ab'), /--load takes wrk or autocannon, not "ab"\./);
});
