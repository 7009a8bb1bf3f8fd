import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import { COMMANDS, type CommandName } from './cluster/commands.ts';
import { Installation } from './testing/installation.ts';

/**
 * One drill of each class of fault, on a stack that is installed for them in a namespace of its own. Settings: HOLDFAST_IMAGE
 * (default holdfast:dev), HOLDFAST_URLS (addresses of the edges, default those of kind-config.yaml) and the commands for
 * nodes and the API server: drills whose commands are not given are skipped.
 */

const NAMESPACE = 'holdfast-test';
const IMAGE = process.env['HOLDFAST_IMAGE'] ?? 'holdfast:dev';
const URLS = process.env['HOLDFAST_URLS'] ?? 'http://127.0.0.1:8000,http://127.0.0.1:8001';

/** What is shown here is that nothing is lost and nothing fails; how fast that is, is measured on a machine without other work. */
const SLACK = '8';

const SETUP = { timeout: 600_000 };
const DRILL = { timeout: 480_000 };

let installation: Installation | undefined;

before(async () => {
  const { signal } = new AbortController();
  installation = await Installation.prepare(NAMESPACE, IMAGE, signal);
}, SETUP);

after(async () => { await installation?.remove(); }, SETUP);

test('one apply on a cluster without it comes to a first write by itself, with every pod ready and no container restarted', SETUP, async (t) => {
  assert.ok(installation !== undefined);
  const startMs = performance.now();
  await installation.apply(t.signal);
  for (const url of URLS.split(',')) {
    await installation.firstWrite(url, t.signal);
    t.diagnostic(`first 201 of ${url} ${Math.round(performance.now() - startMs)} ms after apply began`);
  }
  await installation.ready(t.signal);
  t.diagnostic(`all pods ready ${Math.round(performance.now() - startMs)} ms after apply began`);
  assert.deepEqual(await installation.restarts(t.signal), []);
});

/** Runs a drill as a person does, and passes when it does. */
async function drill(t: TestContext, name: string): Promise<void> {
  const args = [join(import.meta.dirname, '../main.ts'), '--target', 'kubernetes', '--namespace', NAMESPACE, '--url', URLS, '--slack', SLACK, name];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  t.signal.addEventListener('abort', () => child.kill('SIGTERM'));
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => { printed += String(chunk); });
  const [code] = (await once(child, 'exit')) as [number | null];
  for (const line of printed.trimEnd().split('\n')) t.diagnostic(line);
  assert.equal(code, 0, printed);
}

const SERVING = ['pod-delete-mysql-primary', 'pod-force-delete-mysql-primary', 'container-kill-mysql-primary', 'container-kill-redis-master', 'pod-delete-edge', 'operator-and-primary-together'];

for (const name of SERVING) test(`the drill ${name} keeps its bounds`, DRILL, async (t) => { await drill(t, name); });

const COMMANDED: readonly (readonly [string, readonly CommandName[]])[] = [
  ['node-kill', ['node-kill', 'node-start']],
  ['node-cut', ['node-cut', 'node-heal']],
  ['node-pause', ['node-pause', 'node-resume']],
  ['api-away', ['api-stop', 'api-start']],
];

for (const [name, commands] of COMMANDED) {
  const missing = commands.map((command) => COMMANDS[command]).filter((setting) => (process.env[setting] ?? '') === '');
  const skip = missing.length === 0 ? false : `needs the setting${missing.length === 1 ? '' : 's'} ${missing.join(' and ')}`;
  test(`the drill ${name} keeps its bounds`, { ...DRILL, skip }, async (t) => { await drill(t, name); });
}

const WHOLE = ['drain-each-node', 'rollout-each-workload', 'all-pods'];

for (const name of WHOLE) test(`the drill ${name} keeps its bounds`, DRILL, async (t) => { await drill(t, name); });
