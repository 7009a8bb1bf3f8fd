import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closed, cluster, gone, member, primary } from '../decide/fixtures.ts';
import { difference, layerLabels, memberLabels } from './labels.ts';
import type { Pod } from './objects.ts';
import type { ProbedPod } from './withdrawal.ts';

const [ROLE, SERVICE] = ['holdfast/role', 'holdfast/in-service'];
const probed = (name: string, rest: Partial<ProbedPod> = {}): ProbedPod => ({ name, silentMs: 10, knownMs: 60_000, ready: true, leaving: false, ...rest });
const MEMBERS = ['mysql-0', 'mysql-1', 'mysql-2'].map((name) => probed(name));
const pod = (name: string, labels: Readonly<Record<string, string>>): Pod => ({ metadata: { name, uid: '1', resourceVersion: '1', labels } });

test('roles follow the primary that serves and the replicas that follow it', () => {
  const labels = memberLabels(cluster([primary(0), member(1), closed(2)]), MEMBERS);
  assert.deepEqual(Object.fromEntries(labels), {
    'mysql-0': { [SERVICE]: 'yes', [ROLE]: 'primary' },
    'mysql-1': { [SERVICE]: 'yes', [ROLE]: 'replica' },
    'mysql-2': { [SERVICE]: 'yes', [ROLE]: null },
  });
});

test('without a primary that serves the roles stay as they are', () => {
  assert.deepEqual(memberLabels(cluster([gone(0), member(1), member(2)]), MEMBERS).get('mysql-1'), { [SERVICE]: 'yes' });
});

test('a silent replica keeps its role and is out of service', () => {
  const members = [probed('mysql-0'), probed('mysql-1'), probed('mysql-2', { silentMs: 2000 })];
  const labels = memberLabels(cluster([primary(0), member(1), member(2, { contact: { kind: 'silent', forMs: 2000 } })]), members);
  assert.deepEqual(labels.get('mysql-2'), { [SERVICE]: 'no' });
});

test('a pod of the web that leaves gets no new requests; one of the edge serves to its end', () => {
  const layer = [probed('a'), probed('b', { leaving: true })];
  assert.deepEqual([layerLabels(layer, 'are withdrawn').get('b'), layerLabels(layer, 'stay').get('b')], [{ [SERVICE]: 'no' }, { [SERVICE]: 'yes' }]);
});

test('only what differs is written', () => {
  assert.equal(difference(pod('mysql-0', { [ROLE]: 'primary', [SERVICE]: 'yes' }), { [SERVICE]: 'yes', [ROLE]: 'primary' }, 'mysql-0'), undefined);
  assert.deepEqual(difference(pod('mysql-1', { [ROLE]: 'replica', [SERVICE]: 'yes' }), { [SERVICE]: 'yes', [ROLE]: null }, 'mysql-0'), { [ROLE]: null });
  assert.equal(difference(pod('mysql-1', { [SERVICE]: 'yes' }), { [SERVICE]: 'yes', [ROLE]: null }, 'mysql-0'), undefined);
});

test('a deposed primary that does not answer loses its label as soon as another serves', () => {
  assert.deepEqual(difference(pod('mysql-1', { [ROLE]: 'primary', [SERVICE]: 'no' }), { [SERVICE]: 'no' }, 'mysql-0'), { [ROLE]: null });
});
