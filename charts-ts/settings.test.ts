import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError } from '../common/config.ts';
import { DEFAULTS, settingsFrom, treeOf } from './settings.ts';

const problemsOf = (...layers: readonly unknown[]): readonly string[] => {
  try {
    settingsFrom(layers);
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.problems;
  }
};

test('nothing set means the defaults', () => {
  assert.deepEqual(settingsFrom([]), DEFAULTS);
  assert.deepEqual(settingsFrom([{}]), DEFAULTS);
});

test('later layers win, one setting at a time', () => {
  const settings = settingsFrom([{ edge: { cacheSeconds: 5, nodePort: 30_100 } }, treeOf('edge.cacheSeconds', 0)]);
  assert.equal(settings.edge.cacheSeconds, 0);
  assert.equal(settings.edge.nodePort, 30_100);
  assert.equal(settings.edge.service, 'NodePort');
});

test('every wrong value is reported with its path', () => {
  assert.deepEqual(problemsOf({ namespace: 'Hold_Fast', edge: { cacheSeconds: -1, service: 'Ingress' }, images: { mysql: 'mysql' }, mysql: { storage: { size: '2 GB' } }, webb: {} }).toSorted(), [
    'edge.cacheSeconds: -1 is not valid: must be >= 0',
    'edge.service: "Ingress" is not valid: expected NodePort or LoadBalancer',
    'images.mysql: "mysql" is not valid: expected an image with a tag or digest',
    'mysql.storage.size: "2 GB" is not valid: expected a quantity such as 2Gi',
    'namespace: "Hold_Fast" is not valid: expected a DNS label of at most 42 characters',
    'webb: there is no such setting',
  ]);
});

test('a namespace of the cluster itself is refused: it would be closed off, and removed, with everything in it', () => {
  for (const namespace of ['default', 'kube-system', 'kube-public']) {
    assert.deepEqual(problemsOf({ namespace }), [`namespace: "${namespace}" is the cluster's own, and would be closed off, and removed, with everything in it: name one for this installation alone`]);
  }
  assert.deepEqual(problemsOf({ namespace: 'defaults' }), []);
});

test('a name that every object has is no setting either', () => {
  assert.deepEqual(problemsOf(treeOf('__proto__.x', 1), treeOf('constructor', 1)), ['__proto__: there is no such setting', 'constructor: there is no such setting']);
});

test('another number of members is refused by name', () => {
  assert.deepEqual(problemsOf({ mysql: { members: 5 } }), ['mysql.members: 5 is not possible for now: only 3 members are supported']);
  assert.deepEqual(problemsOf({ redis: { servers: 5 } }), ['redis.servers: 5 is not possible for now: only 3 servers are supported']);
});

test('what does not fit into the memory of its container is refused', () => {
  assert.deepEqual(problemsOf({ mysql: { bufferPoolMiB: 1024 } }), [
    'mysql.bufferPoolMiB: 1024 does not fit into mysql.resources.memory (768Mi), which mysqld needs 450 MiB of: set at most 318, or more memory',
  ]);
  assert.deepEqual(problemsOf({ redis: { maxMemoryMiB: 200 } }), ['redis.maxMemoryMiB: 200 does not fit into redis.resources.memory (192Mi) with 64 MiB to spare']);
});

test('more ports of this machine than edges are refused', () => {
  assert.deepEqual(problemsOf({ edge: { hostPorts: [8000, 8001, 8002] } }), ['edge.hostPorts: 3 ports, but only 2 edges']);
});

test('a file that holds no settings by name is refused', () => {
  assert.deepEqual(problemsOf(['namespace']), ['expected settings by name, not ["namespace"]']);
});
