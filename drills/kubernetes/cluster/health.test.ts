import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LABELS } from '../../../common/kubernetes.ts';
import { clusterAilments } from './health.ts';
import { node, operatorStatus, pod, snapshot, workload } from './testing.ts';

const MEMBERS = ['mysql-0', 'mysql-1', 'mysql-2'];
const LATER = '2026-01-01T00:00:00Z';

test('nothing ails a stack that has everything', () => {
  assert.deepEqual(clusterAilments(snapshot(), operatorStatus(), MEMBERS), []);
});

test('a node that is lost or takes no pods ails it', () => {
  const nodes = [node('node1'), { ...node('node2'), status: { conditions: [{ type: 'Ready', status: 'Unknown' }] } }, node('node3', { unschedulable: true })];
  assert.deepEqual(clusterAilments(snapshot({ nodes }), operatorStatus(), MEMBERS), ['node2 is not ready', 'node3 takes no pods']);
});

test('a workload that is missing, just changed or not complete ails it', () => {
  const { workloads } = snapshot();
  const changed = workloads.flatMap((one) => {
    switch (one.metadata.name) {
      case 'redis': return [];
      case 'web': return [workload('web', 3, { observedGeneration: 1 })];
      case 'mysql': return [workload('mysql', 3, { updatedReplicas: 1, readyReplicas: 2 })];
      default: return [one];
    }
  });
  assert.deepEqual(clusterAilments(snapshot({ workloads: changed }), operatorStatus(), MEMBERS), [
    '1 of 3 mysql are up to date', '2 of 3 mysql are ready', 'there is no redis', 'web has just been changed',
  ]);
});

test('a pod that is ending, not ready or withdrawn ails it, and one that is over does not', () => {
  const pods = [
    pod('web-a', 'web', { meta: { deletionTimestamp: LATER } }),
    pod('web-b', 'web', { status: { conditions: [], containerStatuses: [{ name: 'web', ready: false, restartCount: 3, state: { waiting: { reason: 'CrashLoopBackOff' } } }] } }),
    pod('web-c', 'web', { meta: { labels: { [LABELS.inService]: 'no' } } }),
    pod('web-d', 'web', { status: { phase: 'Failed', conditions: [] } }),
  ];
  assert.deepEqual(clusterAilments(snapshot({ pods }), operatorStatus(), MEMBERS), ['web-a is ending', 'web-b is not ready (CrashLoopBackOff)', 'web-c is withdrawn from service']);
});

test('an operator that does not answer, or is not content with a member, ails it', () => {
  assert.deepEqual(clusterAilments(snapshot(), null, MEMBERS), ['no operator acts']);
  const members = [{ name: 'mysql-0', role: 'fenced' }, { name: 'mysql-1', role: 'primary' }];
  assert.deepEqual(clusterAilments(snapshot(), operatorStatus({ members }), MEMBERS), ['mysql-0 is fenced', 'the operator does not know mysql-2']);
});
