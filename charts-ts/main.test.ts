import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
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

test('what is named is looked for where the person is, not where npm went', LIMIT, () => {
  writeFileSync(join(folder, 'here.yaml'), 'namespace: elsewhere\n');
  const { status, stdout } = spawnSync(process.execPath, [join(import.meta.dirname, 'main.ts'), '--settings', 'here.yaml', '--out', 'near'], { encoding: 'utf8', timeout: 20_000, env: { ...process.env, INIT_CWD: folder } });
  assert.deepEqual([status, stdout], [0, `${join(folder, 'near')}: 9 files for the namespace elsewhere. Next: kubectl apply -f near/\n`]);
});

test('a file of settings is read, and single settings go before it', LIMIT, () => {
  const file = join(folder, 'settings.yaml');
  writeFileSync(file, 'namespace: elsewhere\nedge:\n  cacheSeconds: -5\n');
  assert.equal(synth('--settings', file, '--set', 'edge.cacheSeconds=2').status, 0);
  assert.match(synth('--settings', file).error, /edge\.cacheSeconds: -5/);
  assert.match(synth('--settings', join(folder, 'none.yaml')).error, /none\.yaml cannot be read as YAML/);
});

test('a folder with anything of somebody else in it is refused, and left as it is', LIMIT, () => {
  const own = join(folder, 'own');
  mkdirSync(join(own, '.git'), { recursive: true });
  writeFileSync(join(own, '00-namespace.yaml'), 'kind: Namespace\n');
  const { status, error } = synth('--out', own);
  assert.deepEqual([status, error], [78, `Wrong settings:\n  --out ${own}: it holds what npm run synth has not written (.git), and would be emptied; name a new folder, or one with nothing but earlier manifests\n`]);
  assert.deepEqual(readdirSync(own).sort(), ['.git', '00-namespace.yaml']);

  const foreign = join(folder, 'foreign');
  mkdirSync(foreign);
  writeFileSync(join(foreign, 'compose.yaml'), 'services: {}\n');
  assert.match(synth('--out', foreign).error, /holds what npm run synth has not written \(compose\.yaml\)/);
  assert.deepEqual(readdirSync(foreign), ['compose.yaml']);
});

test('a place where no folder can be made, and a value that is no YAML, are named', LIMIT, () => {
  writeFileSync(join(folder, 'file'), '');
  const inTheWay = synth('--out', join(folder, 'file'));
  assert.deepEqual([inTheWay.status, inTheWay.error], [78, `Wrong settings:\n  --out ${join(folder, 'file')}: a file is in the way where a folder is needed; name another folder\n`]);
  const wrong = synth('--set', 'namespace=[');
  assert.deepEqual([wrong.status, wrong.error], [78, 'Wrong settings:\n  --set namespace=[: what follows = cannot be read as YAML: Flow sequence must end with a ] at line 1, column 2:\n']);
});
