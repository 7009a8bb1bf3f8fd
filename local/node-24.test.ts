import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '..');
const GUARD = join(import.meta.dirname, 'node-24.cjs');

function guarded(guard: string, version: string): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  const program = `Object.defineProperty(process.versions, 'node', { value: ${JSON.stringify(version)} }); require(${JSON.stringify(guard)}); process.stdout.write('went on')`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', program], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

test('a Node that is too old is told in one sentence, with what to do', () => {
  assert.deepEqual(guarded(GUARD, '20.20.2'), {
    status: 1,
    stdout: '',
    stderr: 'This needs Node 24 or newer and found Node 20.20.2: run npm ci without --omit=optional, which brings Node 24 for Linux with glibc and for macOS; elsewhere install it.\n',
  });
  assert.deepEqual(guarded(GUARD, '24.0.0'), { status: 0, stdout: 'went on', stderr: '' });
});

test('a checkout without its packages is told to get them', (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-node-'));
  context.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'local'));
  cpSync(GUARD, join(folder, 'local/node-24.cjs'));
  assert.deepEqual(guarded(join(folder, 'local/node-24.cjs'), '24.0.0'), { status: 1, stdout: '', stderr: 'The packages are missing: run npm ci first.\n' });
});

test('every script that starts Node is guarded', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { readonly scripts: Readonly<Record<string, string>> };
  const unguarded = Object.entries(scripts).filter(([, script]) => script.startsWith('node ') && !script.startsWith('node -r ./local/node-24.cjs '));
  assert.deepEqual(unguarded, []);
});

test('the lock says that Node’s binaries for Linux need glibc, which the packages themselves do not', () => {
  // Else npm would put them before the machine's own Node on Alpine, where they do not run. npm keeps this when it changes the lock.
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as { readonly packages: Readonly<Record<string, { readonly libc?: readonly string[] }>> };
  const libc = Object.entries(packages).flatMap(([name, { libc }]) => (name.startsWith('node_modules/node-linux-') ? [libc] : []));
  assert.deepEqual(libc, [['glibc'], ['glibc']]);
});
