import assert from 'node:assert/strict';
import { randomBytes, randomInt } from 'node:crypto';
import { after, before, test } from 'node:test';
import { settingsFrom } from './settings.ts';
import { manifestsOf } from './synth.ts';
import { kubectl } from './testing/namespace.ts';

const LIMIT = { timeout: 60_000 };

/** An installation that nobody else has; the node's port must be free as well. */
const namespace = `holdfast-test-${randomBytes(3).toString('hex')}`;
const settings = settingsFrom([{ namespace, edge: { nodePort: randomInt(31_000, 32_700) } }]);
const files = manifestsOf(settings);
const first = ['00-namespace.yaml', '10-accounts.yaml'].flatMap((name) => files[name] ?? assert.fail(`no ${name}`));

interface Workload {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly template: { readonly metadata: object; readonly spec: { readonly volumes?: readonly object[] } };
    readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string } }[];
  };
}

before(() => void kubectl(['apply', '-f', '-'], first), LIMIT);
after(() => void kubectl(['delete', '--wait=false', '-f', '-'], files['00-namespace.yaml']), LIMIT);

test('a real API server takes every manifest, and warns of nothing', LIMIT, () => {
  const { out, error } = kubectl(['apply', '--dry-run=server', '-f', '-'], Object.values(files).flat());
  assert.equal(error, '');
  assert.equal(out.trim().split('\n').length, Object.values(files).flat().length);
});

test('every pod is admitted into a namespace that enforces the restricted standard', LIMIT, () => {
  const workloads = (Object.values(files).flat() as readonly Workload[]).filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet');
  const pods = workloads.map(({ metadata, spec }) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { ...spec.template.metadata, name: metadata.name, namespace }, spec: admissible(spec) }));
  const { out, error } = kubectl(['create', '--dry-run=server', '-f', '-'], pods);
  assert.equal(error, '');
  assert.deepEqual(out.trim().split('\n').toSorted(), ['edge', 'mysql', 'operator', 'redis', 'web'].map((name) => `pod/${name} created (server dry run)`));
});

test('what is applied twice is changed once', LIMIT, () => {
  const small = [...first, ...(files['20-settings.yaml'] ?? []), ...(files['30-network.yaml'] ?? [])];
  kubectl(['apply', '-f', '-'], small);
  assert.deepEqual(kubectl(['apply', '-f', '-'], small).out.trim().split('\n').filter((line) => !line.endsWith(' unchanged')), []);
});

/** A StatefulSet adds the volumes of its claims to its pods. */
function admissible({ template, volumeClaimTemplates = [] }: Workload['spec']): object {
  const claims = volumeClaimTemplates.map(({ metadata: { name } }) => ({ name, persistentVolumeClaim: { claimName: name } }));
  return { ...template.spec, volumes: [...(template.spec.volumes ?? []), ...claims] };
}
