import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { TestNamespace, until } from './testing/namespace.ts';

/** Redis and its Sentinels as the manifests make them, without the rest. */
const LIMIT = { timeout: 100_000 };
const PODS = ['redis-0', 'redis-1', 'redis-2'];
const space = new TestNamespace();

const kubectl = (...args: readonly string[]): string => space.kubectl(args);
const sh = (pod: string, container: string, script: string): string => kubectl('exec', pod, '-c', container, '--', 'sh', '-c', script);
const redis = (pod: string, command: string): string => sh(pod, 'redis', `REDISCLI_AUTH=$REDIS_PASSWORD timeout 2 redis-cli ${command}`);
const roleOf = (pod: string): string => redis(pod, 'ROLE').split('\n')[0] ?? '';
const named = (pod: string): string => sh(pod, 'sentinel', 'timeout 2 redis-cli -p 26379 SENTINEL GET-MASTER-ADDR-BY-NAME holdfast').split('\n')[0] ?? '';
const host = (pod: string): string => `${pod}.${space.name}.svc.cluster.local`;

/** The one master that all Sentinels name, with two replicas that have caught up. */
function whole(): string | undefined {
  const masters = PODS.filter((pod) => roleOf(pod) === 'master');
  const [master = ''] = masters;
  const linked = masters.length === 1 && PODS.every((pod) => pod === master || redis(pod, 'INFO replication').includes('master_link_status:up'));
  return linked && PODS.every((pod) => named(pod) === host(master)) ? master : undefined;
}

async function settled(): Promise<string> {
  let master: string | undefined;
  await until('one master, and everybody knows it', () => (master = whole()) !== undefined);
  return master ?? assert.fail();
}

before(async () => {
  space.install('60-redis.yaml');
  await settled();
}, LIMIT);
after(() => space.remove(), LIMIT);

test('a master whose pod is deleted hands over first, with its data, and comes back as a replica', LIMIT, async () => {
  const old = await settled();
  redis(old, 'SET kept before');
  kubectl('delete', 'pod', old);
  await until('the pod is back', () => roleOf(old) === 'slave');
  const master = await settled();
  assert.notEqual(master, old);
  assert.equal(redis(master, 'GET kept'), 'before');
});

test('a master that is killed and comes back empty does not empty the others', LIMIT, async () => {
  const old = await settled();
  redis(old, 'SET kept still');
  sh(old, 'redis', 'for folder in /proc/[0-9]*; do case $(tr "\\0" " " <$folder/cmdline) in "redis-server *:6379"*) kill -9 ${folder#/proc/};; esac; done');
  await until('it was started again', () => kubectl('get', 'pod', old, '-o', 'jsonpath={.status.containerStatuses[?(@.name=="redis")].restartCount}') === '1');
  const master = await settled();
  assert.equal(redis(master, 'GET kept'), 'still');
});

test('when all pods go at once, they agree on a master again', LIMIT, async () => {
  kubectl('delete', 'pod', ...PODS, '--force', '--grace-period=0');
  const master = await settled();
  assert.equal(redis(master, 'SET again works'), 'OK');
});
