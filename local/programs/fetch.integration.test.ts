import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { canFetch } from './fetch.ts';

const LIMIT = { timeout: 180_000, skip: canFetch() ? false : 'this machine has no apt' };
const SCRIPT = `
  import { fetchProducts } from ${JSON.stringify(join(import.meta.dirname, 'fetch.ts'))};
  const fetched = await fetchProducts({ nginx: ['nginx'] }, { cacheDir: process.argv[1], report: ({ text }) => console.log(text) });
  console.log('version ' + fetched.nginx.nginx.version);
`;
/** Root can do everything: what must work without it is tried as nobody. */
const NOBODY = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
const children: ChildProcess[] = [];
let cacheDir = '';

before(() => {
  cacheDir = mkdtempSync(join(tmpdir(), 'holdfast-fetch-'));
  chmodSync(cacheDir, 0o777);
});
after(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(cacheDir, { recursive: true, force: true, maxRetries: 5 });
});

/** Fetches in a process of its own. */
function fetching(folder = cacheDir): { readonly child: ChildProcess; readonly output: () => string; readonly ended: Promise<number | null> } {
  const env = { ...process.env, HOME: folder };
  const child = spawn(process.execPath, ['--input-type=module', '-e', SCRIPT, folder], { stdio: ['ignore', 'pipe', 'pipe'], env, ...NOBODY });
  children.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (output += text.toString()));
  return { child, output: () => output, ended: new Promise((resolve) => child.once('close', resolve)) };
}

test('a fetch that is killed leaves nothing that counts; the next ones, two at once and without root, make it whole', LIMIT, async () => {
  const first = fetching();
  while (!first.output().includes('unpacking')) {
    assert.equal(first.child.exitCode, null, first.output());
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  first.child.kill('SIGKILL');
  await first.ended;
  assert.equal(existsSync(join(cacheDir, 'programs', 'nginx')), false);

  const both = [fetching(), fetching()];
  assert.deepEqual(await Promise.all(both.map(({ ended }) => ended)), [0, 0], both.map(({ output }) => output()).join('\n'));
  const outputs = both.map(({ output }) => output());
  assert.ok(outputs.every((output) => /^version 1\.\d+\.\d+$/m.test(output)));
  assert.equal(outputs.filter((output) => output.includes('fetching nginx')).length, 1);
  assert.ok(outputs.every((output) => !output.includes('_apt')), outputs.join('\n'));
  assert.deepEqual(readdirSync(join(cacheDir, 'programs')).sort(), ['lock', 'nginx']);
  if ('uid' in NOBODY) assert.equal(statSync(join(cacheDir, 'programs', 'nginx')).uid, NOBODY.uid);
});

test('a folder that may not be written is said in one sentence', LIMIT, async () => {
  const folder = mkdtempSync(join(cacheDir, 'closed-'));
  chmodSync(folder, 0o555);
  const { ended, output } = fetching(folder);
  assert.equal(await ended, 1);
  assert.match(output(), /Problem: Fetching programs in .* failed: it may not be written by this user/);
});
