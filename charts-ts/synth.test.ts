import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { V1Container, V1Deployment, V1PodSpec, V1PodTemplateSpec, V1Service, V1StatefulSet } from '@kubernetes/client-node';
import { parse, stringify } from 'yaml';
import { ANNOTATIONS } from '../common/kubernetes.ts';
import { DEFAULTS, settingsFrom, treeOf } from './settings.ts';
import type { Settings } from './settings.ts';
import { manifestsOf, writeManifests } from './synth.ts';
import { forbiddenChanges, manifestsIn } from './unchangeable.ts';

interface Named {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

const all = (settings: Settings = DEFAULTS): readonly Named[] => Object.values(manifestsOf(settings)).flat() as Named[];
const called = ({ kind, metadata }: Named): string => `${kind}/${metadata.name}`;
const workloads = (settings?: Settings): readonly (V1Deployment | V1StatefulSet)[] => all(settings).filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet');
const templateOf = (workload: V1Deployment | V1StatefulSet | undefined): V1PodTemplateSpec => workload?.spec?.template ?? assert.fail('no template');
const podOf = (workload: V1Deployment | V1StatefulSet): V1PodSpec => templateOf(workload).spec ?? assert.fail('no pod');
const containers = (): readonly V1Container[] => workloads().flatMap((workload) => podOf(workload).containers);
const setting = (path: string, value: unknown): Settings => settingsFrom([treeOf(path, value)]);

/** Scripts are read where they are, and digests say nothing to a reader. */
function readable(documents: readonly unknown[]): string {
  const text = documents.map((document) => stringify(document, { lineWidth: 0, sortMapEntries: true })).join('---\n');
  return text.replaceAll(/^( {2}[\w.-]+\.sh): \|\n(?:(?: {4}.*)?\n)*/gm, '$1: (charts-ts/scripts)\n').replaceAll(new RegExp(`(${ANNOTATIONS.checksum}): .*`, 'g'), '$1: (digest)');
}

test('the manifests are those on record; npm run test:unit -- --test-update-snapshots takes over a change', (t) => {
  for (const [file, documents] of Object.entries(manifestsOf(DEFAULTS))) {
    t.assert.fileSnapshot(readable(documents), join(import.meta.dirname, 'snapshots', file), { serializers: [(text: unknown) => String(text)] });
  }
});

test('what others need comes first: one apply is enough', () => {
  const order = all().map(called);
  const at = (name: string): number => (order.includes(name) ? order.indexOf(name) : assert.fail(`no ${name} in ${order.join(', ')}`));
  assert.equal(at('Namespace/holdfast'), 0);
  const firstPod = Math.min(...['StatefulSet/mysql', 'StatefulSet/redis', 'Deployment/operator', 'Deployment/web', 'Deployment/edge'].map(at));
  for (const name of ['ServiceAccount/operator', 'Role/operator', 'RoleBinding/operator', 'ConfigMap/mysql', 'ConfigMap/redis', 'ConfigMap/edge', 'Secret/holdfast-passwords', 'PriorityClass/holdfast-data', 'NetworkPolicy/nothing-else']) {
    assert.ok(at(name) < firstPod, `${name} comes after the first pods`);
  }
  const files = Object.keys(manifestsOf(DEFAULTS));
  assert.deepEqual(files, files.toSorted());
});

test('written twice, the files are the same, and as they are in memory', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-synth-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const read = (): readonly string[] => readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
  writeManifests(DEFAULTS, folder);
  const first = read();
  writeManifests(DEFAULTS, folder);
  assert.deepEqual(read(), first);
  assert.deepEqual(manifestsIn(folder).map((one) => called(one as Named)), all().map(called));
});

test('every container keeps to the restricted standard, and can write only where it says so', () => {
  for (const workload of workloads()) {
    const { securityContext } = podOf(workload);
    assert.equal(securityContext?.runAsNonRoot, true);
    assert.ok((securityContext.runAsUser ?? 0) > 0);
    assert.deepEqual(securityContext.seccompProfile, { type: 'RuntimeDefault' });
  }
  for (const { name, securityContext } of containers()) {
    assert.deepEqual(securityContext, { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, readOnlyRootFilesystem: true }, name);
  }
});

test('memory is limited and CPU is not, and no image is pulled for nothing', () => {
  for (const { name, resources, imagePullPolicy } of containers()) {
    assert.deepEqual(Object.keys(resources?.limits ?? {}), ['memory'], name);
    assert.equal(resources?.requests?.['memory'], resources?.limits?.['memory']);
    assert.equal(imagePullPolicy, 'IfNotPresent');
  }
});

test('only the operator has a token, and no pod is told of Services in its environment', () => {
  assert.deepEqual(workloads().filter((workload) => podOf(workload).automountServiceAccountToken !== false).map(({ metadata }) => metadata?.name), ['operator']);
  assert.ok(workloads().every((workload) => podOf(workload).enableServiceLinks === false));
});

test('withdrawn-orphan: no selector of a workload names a label that the operator changes', () => {
  for (const { spec } of workloads()) assert.deepEqual(Object.keys(spec?.selector.matchLabels ?? {}).toSorted(), ['app.kubernetes.io/component', 'app.kubernetes.io/name']);
});

test('the Services that the operator withdraws pods from select by its label', () => {
  const selecting = (all() as readonly unknown[] as readonly V1Service[]).filter(({ spec }) => spec?.selector?.['holdfast/in-service'] === 'yes');
  assert.deepEqual(selecting.map(({ metadata }) => metadata?.name), ['mysql-primary', 'mysql-replicas', 'web', 'edge']);
});

test('an apply never sets the scale of what a person scales', () => {
  const scaled = Object.fromEntries(workloads().map(({ metadata, spec }) => [metadata?.name, spec?.replicas ?? metadata?.annotations?.['holdfast/initial-replicas']]));
  assert.deepEqual(scaled, { operator: 2, mysql: 3, redis: 3, web: '3', edge: '2' });
});

test('the Secret is empty', () => {
  const secret = all().find(({ kind }) => kind === 'Secret');
  assert.deepEqual(secret, {
    apiVersion: 'v1', kind: 'Secret', type: 'Opaque',
    metadata: { name: 'holdfast-passwords', namespace: 'holdfast', labels: { 'app.kubernetes.io/name': 'holdfast' } },
  });
});

test('no password is written into the settings of anything: they are variables there', () => {
  const accounts = (all().find((one) => called(one) === 'ConfigMap/mysql') as unknown as { data: Record<string, string> }).data['accounts.sh'] ?? '';
  const given = [...accounts.matchAll(/IDENTIFIED BY '(.*)'/g)].map(([, password]) => password);
  assert.equal(given.length, 6);
  assert.ok(given.every((password) => /^\$\{MYSQL_[A-Z]+_PASSWORD\}$/.test(password ?? '')), given.join(', '));
});

test('a changed setting rolls out what it must, and nothing else', () => {
  const rolled = (path: string, value: unknown): readonly string[] => {
    const after = new Map(workloads(setting(path, value)).map((workload) => [workload.metadata?.name, JSON.stringify(templateOf(workload))]));
    return workloads().filter((workload) => after.get(workload.metadata?.name) !== JSON.stringify(templateOf(workload))).map(({ metadata }) => metadata?.name ?? '');
  };
  assert.deepEqual(rolled('edge.cacheSeconds', 5), ['edge']);
  assert.deepEqual(rolled('mysql.bufferPoolMiB', 200), ['mysql']);
  assert.deepEqual(rolled('redis.maxMemoryMiB', 32), ['redis']);
  assert.deepEqual(rolled('web.replicas', 5), []);
  assert.deepEqual(rolled('edge.nodePort', 30_100), []);
  assert.deepEqual(rolled('images.holdfast', 'holdfast:2'), ['operator', 'web']);
});

test('everything of an installation is in its namespace or named after it', () => {
  for (const { kind, metadata } of all(setting('namespace', 'elsewhere'))) {
    if (kind === 'Namespace') assert.equal(metadata.name, 'elsewhere');
    else if (kind === 'PriorityClass') assert.match(metadata.name, /^elsewhere-/);
    else assert.equal(metadata.namespace, 'elsewhere', `${kind}/${metadata.name}`);
  }
  assert.doesNotMatch(JSON.stringify(all(setting('namespace', 'elsewhere'))), /holdfast\.svc/);
});

test('behind a load balancer no edge is pinned to a node', () => {
  const edge = (settings?: Settings): V1PodSpec => podOf(workloads(settings).find(({ metadata }) => metadata?.name === 'edge') ?? assert.fail('no edge'));
  assert.ok(edge().affinity?.nodeAffinity !== undefined);
  assert.equal(edge(setting('edge.service', 'LoadBalancer')).affinity, undefined);
});

test('changes that Kubernetes forbids are named by their settings', () => {
  assert.deepEqual(forbiddenChanges(all(), all(setting('mysql.storage.size', '4Gi'))), ['mysql.storage.size: Kubernetes does not let it change from "2Gi" to "4Gi"']);
  assert.deepEqual(forbiddenChanges(all(), all(setting('redis.storage.class', 'fast'))), ['redis.storage.class: Kubernetes does not let it change from "" to "fast"']);
  assert.deepEqual(forbiddenChanges(all(), all(setting('mysql.bufferPoolMiB', 64))), []);
  assert.deepEqual(forbiddenChanges(all(), all(settingsFrom([{ namespace: 'elsewhere', mysql: { storage: { size: '4Gi' } } }]))), []);
});

test('kind publishes the edges where the settings say, on nodes with their label', () => {
  interface Node { readonly role: string; readonly labels?: Readonly<Record<string, string>>; readonly extraPortMappings?: readonly { readonly containerPort: number; readonly hostPort: number; readonly listenAddress: string }[] }
  const { nodes } = parse(readFileSync(join(import.meta.dirname, '..', 'kind-config.yaml'), 'utf8')) as { readonly nodes: readonly Node[] };
  const published = nodes.flatMap(({ labels, extraPortMappings = [] }) => extraPortMappings.map((mapping) => ({ ...mapping, label: labels?.['holdfast/edge'] })));
  assert.deepEqual(published.map(({ hostPort }) => hostPort), DEFAULTS.edge.hostPorts);
  assert.ok(published.every(({ containerPort, listenAddress, label }) => containerPort === DEFAULTS.edge.nodePort && listenAddress === '127.0.0.1' && label === 'yes'));
  assert.equal(nodes.filter(({ role }) => role === 'worker').length, 3);
});
