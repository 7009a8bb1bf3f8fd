import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CLUSTER_SCENARIOS } from './kubernetes/scenarios.ts';
import { parseCommand, type Command } from './options.ts';
import { SCENARIOS } from './scenarios.ts';

const read = (args: readonly string[], env: NodeJS.ProcessEnv = {}): Command => parseCommand(args, { local: SCENARIOS, kubernetes: CLUSTER_SCENARIOS }, env);

test('without a name, or with --help, it helps', () => {
  assert.deepEqual([read([]), read(['--help'])], [{ kind: 'help' }, { kind: 'help' }]);
});

test('the list is that of the target', () => {
  const [local, kubernetes] = [read(['list']), read(['list', '--target', 'kubernetes'])];
  assert.ok(local.kind === 'list' && kubernetes.kind === 'list');
  assert.deepEqual([local.scenarios[0]?.name, kubernetes.scenarios[0]?.name], ['mysql-primary-kill', 'pod-delete-mysql-primary']);
});

test('drills are run in the order in which they are named', () => {
  const command = read(['koa-kill', 'mysql-primary-kill', '--here', '--data', 'x', '--runs', '5', '--json', 'out.json']);
  assert.ok(command.kind === 'run' && command.plan.target === 'local');
  assert.deepEqual(command.plan.scenarios.map((one) => one.name), ['koa-kill', 'mysql-primary-kill']);
  assert.deepEqual([command.plan.here, command.plan.dataDir, command.options], [true, 'x', { runs: 5, json: 'out.json', outDir: 'drill-reports', slack: 1 }]);
});

test('slack is for bounds on a machine with more to do', () => {
  const command = read(['koa-kill', '--slack', '2.5']);
  assert.ok(command.kind === 'run');
  assert.equal(command.options.slack, 2.5);
});

test('all means every drill', () => {
  const command = read(['all']);
  assert.ok(command.kind === 'run' && command.plan.target === 'local');
  assert.equal(command.plan.scenarios.length, SCENARIOS.length);
  assert.deepEqual([command.plan.here, command.plan.dataDir, command.options], [false, '.data', { runs: 1, json: null, outDir: 'drill-reports', slack: 1 }]);
});

test('a cluster is the one of kind-config.yaml, unless it is said otherwise', () => {
  const usual = read(['--target', 'kubernetes', 'scale-web']);
  assert.ok(usual.kind === 'run' && usual.plan.target === 'kubernetes');
  assert.deepEqual(usual.plan.cluster, { namespace: 'holdfast', urls: ['http://127.0.0.1:8000', 'http://127.0.0.1:8001'], commands: {} });
  const other = read(['--target', 'kubernetes', 'scale-web', '--namespace', 'x', '--url', 'http://10.0.0.1:80']);
  assert.ok(other.kind === 'run' && other.plan.target === 'kubernetes');
  assert.deepEqual(other.plan.cluster, { namespace: 'x', urls: ['http://10.0.0.1'], commands: {} });
});

test('commands for nodes come from flags, else from settings', () => {
  const command = read(['--target', 'kubernetes', 'node-kill', '--node-kill', 'off {node}'], { HOLDFAST_NODE_KILL: 'no', HOLDFAST_NODE_START: 'on {node}', HOLDFAST_API_STOP: '' });
  assert.ok(command.kind === 'run' && command.plan.target === 'kubernetes');
  assert.deepEqual(command.plan.cluster.commands, { 'node-kill': 'off {node}', 'node-start': 'on {node}' });
});

test('what is wrong with the command line is said', () => {
  assert.throws(() => read(['koa-kil']), /There is no drill "koa-kil": npm run drill -- list names them all\./);
  assert.throws(() => read(['koa-kill', '--runs', '0']), /--runs takes a whole number from 1 to 1000, not "0"/);
  assert.throws(() => read(['koa-kill', '--slack', '0.5']), /--slack takes a number from 1 to 100, not "0\.5"/);
  assert.throws(() => read(['koa-kill', '--hier']), /--hier.*See npm run drill -- --help/s);
  assert.throws(() => read(['koa-kill', '--target', 'k8s']), /--target takes local or kubernetes, not "k8s"\./);
  assert.throws(() => read(['koa-kill', '--target', 'kubernetes']), /There is no drill "koa-kill"/);
  assert.throws(() => read(['koa-kill', '--node-kill', 'x']), /--node-kill is only for --target kubernetes\./);
  assert.throws(() => read(['scale-web', '--target', 'kubernetes', '--here']), /--here is not for --target kubernetes/);
  assert.throws(() => read(['scale-web', '--target', 'kubernetes', '--url', 'localhost:8000']), /--url takes addresses such as http:\/\/127\.0\.0\.1:8000, separated by commas, not "localhost:8000"\./);
});

test('the drills that the project promises are there', () => {
  assert.deepEqual(SCENARIOS.map((one) => one.name).slice(0, 10), [
    'mysql-primary-kill', 'mysql-replica-kill', 'redis-master-kill', 'redis-master-freeze', 'sentinel-kill',
    'koa-kill', 'koa-freeze', 'nginx-kill', 'nginx-freeze', 'operator-kill',
  ]);
  const names = new Set(SCENARIOS.map((one) => one.name));
  for (const name of ['acknowledgements-lost', 'network-slow', 'disk-hung', 'disk-full', 'replica-lagging', 'long-transaction', 'connection-storm', 'operator-killed-midway', 'two-faults', 'clock-ahead', 'clock-behind']) assert.ok(names.has(name), name);
  const whom = ['mysql-primary', 'mysql-replica', 'redis-master', 'sentinel', 'web', 'edge', 'operator-leader'];
  assert.deepEqual(CLUSTER_SCENARIOS.map((one) => one.name), [
    ...whom.flatMap((name) => [`pod-delete-${name}`, `pod-force-delete-${name}`, `container-kill-${name}`]),
    'node-kill', 'node-kill-with-leader', 'node-cut', 'node-cut-with-leader', 'node-pause', 'node-pause-with-leader',
    'drain-each-node', 'rollout-each-workload', 'scale-web', 'operator-and-primary-together', 'api-away', 'all-pods', 'all-nodes',
    'long-transaction', 'two-faults',
  ]);
});
