import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from './objects.ts';
import { Pods } from './pods.ts';

interface Sketch {
  readonly uid?: string;
  readonly runs?: true;
  readonly deleted?: true;
  readonly phase?: string;
  readonly revision?: string;
}

const member = (name: string, { uid = '1', runs, deleted, phase = 'Running', revision = 'r1' }: Sketch = {}): Pod => ({
  metadata: { name, uid, resourceVersion: '1', labels: { 'app.kubernetes.io/component': 'mysql', 'controller-revision-hash': revision }, ...(deleted ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}) },
  status: { phase, containerStatuses: [{ name: 'mysql', state: runs ? { running: {} } : {} }] },
});

test('a pod that is being deleted is leaving', () => {
  const pods = new Pods();
  pods.apply('ADDED', member('mysql-0', { runs: true }));
  assert.equal(pods.notice('mysql-0').leaving, false);
  pods.apply('MODIFIED', member('mysql-0', { runs: true, deleted: true }));
  assert.equal(pods.notice('mysql-0').leaving, true);
});

test('a pod deleted by force is leaving until another one\'s server runs in its place', () => {
  const pods = new Pods();
  pods.apply('ADDED', member('mysql-0', { runs: true }));
  pods.apply('DELETED', member('mysql-0', { runs: true }));
  assert.equal(pods.notice('mysql-0').leaving, true);
  pods.apply('ADDED', member('mysql-0', { uid: '2', phase: 'Pending' }));
  assert.equal(pods.notice('mysql-0').leaving, true);
  pods.apply('MODIFIED', member('mysql-0', { uid: '2', runs: true }));
  assert.equal(pods.notice('mysql-0').leaving, false);
});

test('what was missed while the watch was away is in the next list', () => {
  const pods = new Pods();
  pods.replace([member('mysql-0', { runs: true }), member('mysql-1', { runs: true })]);
  pods.replace([member('mysql-1', { runs: true })]);
  assert.deepEqual([pods.notice('mysql-0').leaving, pods.notice('mysql-1').leaving], [true, false]);
});

test('a pod that starts for the first time is not leaving, nor is one whose server starts again', () => {
  const pods = new Pods();
  pods.apply('ADDED', member('mysql-0', { phase: 'Pending' }));
  assert.equal(pods.notice('mysql-0').leaving, false);
  pods.apply('MODIFIED', member('mysql-0', { runs: true }));
  pods.apply('MODIFIED', member('mysql-0'));
  assert.equal(pods.notice('mysql-0').leaving, false);
});

test('an evicted pod, which stays as failed, is leaving', () => {
  const pods = new Pods();
  pods.apply('ADDED', member('mysql-0', { runs: true }));
  pods.apply('MODIFIED', member('mysql-0', { phase: 'Failed' }));
  assert.equal(pods.notice('mysql-0').leaving, true);
});

test('a member of another revision than the rollout brings is outdated', () => {
  const pods = new Pods();
  pods.replace([member('mysql-0'), member('mysql-2', { revision: 'r2' })]);
  assert.equal(pods.notice('mysql-0').outdated, false);
  pods.updateRevision = 'r2';
  assert.deepEqual([pods.notice('mysql-0').outdated, pods.notice('mysql-2').outdated], [true, false]);
});
