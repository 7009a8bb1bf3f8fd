import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCommand } from './options.ts';
import { SCENARIOS } from './scenarios.ts';

test('without a name, or with --help, it helps', () => {
  assert.deepEqual([parseCommand([], SCENARIOS), parseCommand(['--help'], SCENARIOS), parseCommand(['list'], SCENARIOS)], [{ kind: 'help' }, { kind: 'help' }, { kind: 'list' }]);
});

test('drills are run in the order in which they are named', () => {
  const command = parseCommand(['koa-kill', 'mysql-primary-kill', '--here', '--data', 'x', '--runs', '5', '--json', 'out.json'], SCENARIOS);
  assert.ok(command.kind === 'run');
  assert.deepEqual(command.scenarios.map((one) => one.name), ['koa-kill', 'mysql-primary-kill']);
  assert.deepEqual(command.options, { here: true, dataDir: 'x', runs: 5, json: 'out.json' });
});

test('all means every drill', () => {
  const command = parseCommand(['all'], SCENARIOS);
  assert.ok(command.kind === 'run');
  assert.equal(command.scenarios.length, SCENARIOS.length);
  assert.deepEqual(command.options, { here: false, dataDir: '.data', runs: 1, json: null });
});

test('what is wrong with the command line is said', () => {
  assert.throws(() => parseCommand(['koa-kil'], SCENARIOS), /There is no drill "koa-kil": npm run drill -- list names them all\./);
  assert.throws(() => parseCommand(['koa-kill', '--runs', '0'], SCENARIOS), /--runs takes a whole number from 1 to 1000, not "0"/);
  assert.throws(() => parseCommand(['koa-kill', '--hier'], SCENARIOS), /--hier.*See npm run drill -- --help/s);
});

test('the drills that the project promises are there', () => {
  assert.deepEqual(SCENARIOS.map((one) => one.name).slice(0, 10), [
    'mysql-primary-kill', 'mysql-replica-kill', 'redis-master-kill', 'redis-master-freeze', 'sentinel-kill',
    'koa-kill', 'koa-freeze', 'nginx-kill', 'nginx-freeze', 'operator-kill',
  ]);
});
