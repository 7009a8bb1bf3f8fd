import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

const LIMIT = { timeout: 30_000 };
let folder = '';
before(() => (folder = mkdtempSync(join(tmpdir(), 'holdfast-synth-'))));
after(() => rmSync(folder, { recursive: true }));

function synth(...args: readonly string[]): { readonly status: number | null; readonly error: string } {
  const { status, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, 'main.ts'), '--out', join(folder, 'dist'), ...args], { encoding: 'utf8', timeout: 20_000 });
  return { status, error: stderr };
}
const written = (): readonly string[] => readdirSync(join(folder, 'dist'));

test('the folder is emptied and written anew, but not when a setting is wrong or forbidden', LIMIT, () => {
  assert.deepEqual(synth(), { status: 0, error: '' });
  assert.equal(written()[0], '00-namespace.yaml');
  writeFileSync(join(folder, 'dist', 'old.yaml'), 'kind: Left\n');

  const wrong = synth('--set', 'edge.cacheSeconds=soon', '--set', 'edge.hostPorts=[]');
  assert.equal(wrong.status, 78);
  assert.match(wrong.error, /edge\.cacheSeconds: "soon" is not valid: must be integer/);
  assert.match(wrong.error, /edge\.hostPorts: \[\] is not valid/);

  const forbidden = synth('--set', 'mysql.storage.size=4Gi');
  assert.equal(forbidden.status, 78);
  assert.match(forbidden.error, /mysql\.storage\.size: Kubernetes does not let it change from "2Gi" to "4Gi"/);
  assert.ok(written().includes('old.yaml'));

  assert.equal(synth().status, 0);
  assert.ok(!written().includes('old.yaml'));
});

test('a file of settings is read, and single settings go before it', LIMIT, () => {
  const file = join(folder, 'settings.yaml');
  writeFileSync(file, 'namespace: elsewhere\nedge:\n  cacheSeconds: -5\n');
  assert.equal(synth('--settings', file, '--set', 'edge.cacheSeconds=2').status, 0);
  assert.match(synth('--settings', file).error, /edge\.cacheSeconds: -5/);
  assert.match(synth('--settings', join(folder, 'none.yaml')).error, /none\.yaml cannot be read as YAML/);
});
