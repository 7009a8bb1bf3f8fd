import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { APP, LABELS, SECRET } from '../../../common/kubernetes.ts';
import { until } from '../../stack/wait.ts';
import { Cluster } from '../cluster/cluster.ts';
import { Kubectl } from '../cluster/kubectl.ts';
import { has } from '../cluster/objects.ts';
import type { ClusterStage } from '../stage.ts';
import { containerKill, podDelete } from './pods.ts';
import { delayedKillScript, pidOf } from './processes.ts';
import { containerRestarted } from './proofs.ts';
import { role, type Role } from './victims.ts';

/** Faults of pods on a real cluster, on a web of two that needs no image of ours. */

const LIMIT = { timeout: 120_000 };
const IMAGE = process.env['HOLDFAST_NODE_IMAGE'] ?? 'node:24-slim';
const never = new AbortController().signal;

const kubectl = new Kubectl(`holdfast-drills-${randomBytes(3).toString('hex')}`);
let stage: ClusterStage;

const labels = { [LABELS.name]: APP, [LABELS.component]: 'web' };
const container = {
  name: 'web', image: IMAGE, imagePullPolicy: 'IfNotPresent',
  command: ['node', '-e', "process.on('SIGTERM', () => process.exit(0)); require('http').createServer((_, answer) => answer.end()).listen(8080)"],
  securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
};
const securityContext = { runAsUser: 1000, runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } };
const OBJECTS = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: kubectl.namespace } },
  { apiVersion: 'v1', kind: 'Secret', metadata: { name: SECRET.name, namespace: kubectl.namespace }, stringData: { redis: 'secret' } },
  {
    apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: kubectl.namespace },
    spec: { replicas: 2, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { shareProcessNamespace: true, terminationGracePeriodSeconds: 5, securityContext, containers: [container] } } },
  },
];

before(async () => {
  await kubectl.run(['apply', '-f', '-'], { signal: never, input: OBJECTS.map((one) => JSON.stringify(one)).join('\n---\n') });
  const cluster = await Cluster.find({ namespace: kubectl.namespace, urls: ['http://127.0.0.1:8000'], commands: {} }, never);
  stage = { stack: cluster, own: null, now: () => performance.now(), signal: never, note: () => undefined };
  await until({ what: 'A web of two', boundMs: 60_000, signal: never }, async () => {
    const pods = await cluster.pods(never);
    return pods.length === 2 && pods.every((pod) => has(pod, 'Ready')) ? true : null;
  });
}, LIMIT);

after(async () => {
  stage.stack.close();
  await kubectl.run(['delete', 'namespace', kubectl.namespace], { signal: never, limitMs: 60_000 });
}, LIMIT);

for (const deletion of ['in order', 'by force'] as const) {
  test(`a pod that is deleted ${deletion} is seen to be another one afterwards`, LIMIT, async () => {
    const victim = await role('web').choose(stage);
    const damage = await podDelete(role('web'), deletion)(stage);
    assert.match(damage.evidence[0] ?? '', new RegExp(`^0 ms: kubectl delete pod ${victim.metadata.name} .*\\(web, ${victim.metadata.uid}\\)$`));
    assert.match(damage.evidence.at(-1) ?? '', new RegExp(`The pod of ${victim.metadata.name} is gone; web-\\S+ \\(\\S+\\) is ready in its place\\.$`));
    assert.ok(!(await stage.stack.pods(never)).some((pod) => pod.metadata.uid === victim.metadata.uid));
  });
}

test('a server that is killed in its container is seen to be started again', LIMIT, async () => {
  const victim = await role('web').choose(stage);
  const damage = await containerKill(role('web'))(stage);
  assert.match(damage.evidence.at(-1) ?? '', new RegExp(`web of ${victim.metadata.name} runs again: its restarts went from 0 to 1\\.$`));
});

test('a server that is not there is not killed, and that is an error', LIMIT, async () => {
  const nobody: Role = { ...role('web'), process: 'holdfast-test-nobody' };
  const hurried = { ...stage, signal: AbortSignal.timeout(3000) };
  await assert.rejects(containerKill(nobody)(hurried));
});

test('a server is killed later, when kubectl has long ended', LIMIT, async () => {
  const victim = await role('web').choose(stage);
  const pids = await pidOf(stage, victim, role('web'));
  await kubectl.exec({ pod: victim.metadata.name, container: 'web' }, delayedKillScript(role('web').process, 3), { signal: never });
  assert.equal(await pidOf(stage, victim, role('web')), pids);
  assert.match(await containerRestarted(stage, victim, 'web'), /^web of web-\S+ runs again/);
});
