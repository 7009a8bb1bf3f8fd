import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CLOCK } from '../operator.ts';
import { eventually } from '../testing/cluster.ts';
import type { Api } from './api.ts';
import { Pods } from './pods.ts';
import { cuttableApi, makeNamespace } from './testing/cluster.ts';
import type { CutApi, TestNamespace } from './testing/cluster.ts';
import { PodWatch } from './watch.ts';

const LIMIT = { timeout: 60_000 };
const MEMBER = { 'app.kubernetes.io/component': 'mysql' };
const RUNNING = { phase: 'Running', podIP: '192.0.2.1', containerStatuses: [{ name: 'mysql', image: 'x', imageID: 'x', ready: true, restartCount: 0, state: { running: {} } }] };
let namespace: TestNamespace;
let door: CutApi;

before(async () => {
  namespace = await makeNamespace();
  door = await cuttableApi();
}, LIMIT);
after(async () => {
  await door.close();
  await namespace.remove();
}, LIMIT);

function watchThrough(api: Api, from?: string): { readonly pods: Pods; readonly watch: PodWatch; readonly troubles: string[] } {
  const pods = new Pods();
  const troubles: string[] = [];
  const trouble = (text: string | undefined): void => void (text !== undefined && troubles.push(text));
  const watch = new PodWatch({ api, path: namespace.paths.pods(), labelSelector: 'app.kubernetes.io/name=holdfast', pods, clock: CLOCK, changed: () => undefined, trouble, ...(from === undefined ? {} : { from }) });
  watch.start();
  return { pods, watch, troubles };
}

test('a pod comes, runs, is deleted and is gone: each is seen', LIMIT, async (t) => {
  const { pods, watch } = watchThrough(namespace.api);
  t.after(() => watch.stop());
  await namespace.pod('mysql-0', MEMBER);
  await eventually('the pod', () => pods.get('mysql-0') !== undefined);
  await namespace.setStatus('mysql-0', RUNNING);
  await eventually('its status', () => pods.get('mysql-0')?.status?.phase === 'Running');
  assert.equal(pods.notice('mysql-0').leaving, false);
  await namespace.api.call({ verb: 'delete', path: namespace.paths.pods('mysql-0'), body: { gracePeriodSeconds: 0 } });
  await eventually('the deletion', () => pods.notice('mysql-0').leaving);
  await namespace.pod('mysql-0', MEMBER, RUNNING);
  await eventually('the next pod in its place', () => !pods.notice('mysql-0').leaving);
});

test('a connection that is cut is begun anew, and nothing that happened meanwhile is missed', LIMIT, async (t) => {
  const { pods, watch } = watchThrough(door.api);
  t.after(() => watch.stop());
  await eventually('the list', () => watch.silentMs < 1000);
  for (const name of ['web-a', 'web-b', 'web-c']) {
    door.cut();
    await namespace.pod(name, { 'app.kubernetes.io/component': 'web' });
    await eventually(`${name} after a cut`, () => pods.get(name) !== undefined);
  }
});

test('a server that is silent is left after ten seconds, and found again when it answers', LIMIT, async (t) => {
  const { pods, watch, troubles } = watchThrough(door.api);
  t.after(() => {
    door.mend();
    watch.stop();
  });
  await eventually('the list', () => watch.silentMs < 1000);
  door.silence();
  await namespace.pod('web-d', { 'app.kubernetes.io/component': 'web' });
  await eventually('the silence to be long', () => watch.silentMs > 11_000, { deadlineMs: 25_000 });
  door.mend();
  await eventually('the pod that came meanwhile', () => pods.get('web-d') !== undefined, { deadlineMs: 15_000 });
  assert.match(troubles.join(), /nothing was heard for 10 s/);
});

test('a version that the server no longer has leads to a new list', LIMIT, async (t) => {
  const { pods, watch, troubles } = watchThrough(namespace.api, '1');
  t.after(() => watch.stop());
  await namespace.pod('web-e', { 'app.kubernetes.io/component': 'web' });
  await eventually('the pod', () => pods.get('web-e') !== undefined, { why: () => troubles.join() });
});
