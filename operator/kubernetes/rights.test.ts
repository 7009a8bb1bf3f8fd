import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { settingsFrom } from '../../charts-ts/settings.ts';
import { writeManifests } from '../../charts-ts/synth.ts';

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly rules?: readonly Rule[];
}

function manifests(): readonly Manifest[] {
  const folder = mkdtempSync(join(tmpdir(), 'rights-test-'));
  try {
    writeManifests(settingsFrom([]), folder);
    return readdirSync(folder).flatMap((file) => parseAllDocuments(readFileSync(join(folder, file), 'utf8')).map((document) => document.toJS() as Manifest));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The rows of the document's table: group, resource, names, verbs. */
const documented = (): readonly string[] =>
  readFileSync(join(import.meta.dirname, '../../docs/rights.md'), 'utf8').split('\n').filter((line) => line.startsWith('|')).slice(2)
    .map((line) => line.split('|').slice(1, 5).map((cell) => cell.trim()).join(' | '));

const rowOf = ({ apiGroups, resources, resourceNames, verbs }: Rule): string =>
  [apiGroups.map((group) => (group === '' ? 'core' : group)).join(', '), resources.join(', '), resourceNames?.join(', ') ?? 'all', verbs.join(', ')].join(' | ');

test('the table of rights says what the manifests give, row by row', () => {
  const role = manifests().find(({ kind, metadata }) => kind === 'Role' && metadata.name === 'operator');
  assert.deepEqual([...documented()].sort(), (role?.rules ?? []).map(rowOf).sort());
});

test('the operator has no rights outside of its namespace', () => {
  assert.deepEqual(manifests().filter(({ kind }) => kind === 'ClusterRole' || kind === 'ClusterRoleBinding'), []);
});
