import assert from 'node:assert/strict';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { delayedKillScript, findScript, killScript } from './processes.ts';

const LIMIT = { timeout: 20_000, skip: process.platform !== 'linux' };

/** A process whose command line begins with a word that nothing else on this machine has. */
async function victim(t: TestContext, word: string): Promise<ChildProcess> {
  const child = spawn('sleep', ['60'], { argv0: word, stdio: 'ignore' });
  await once(child, 'spawn');
  t.after(() => child.kill('SIGKILL'));
  return child;
}

const sh = (script: string): string => execFileSync('sh', ['-c', script], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

test('a server is found by the first word of its command line, and not by what a script says of it', LIMIT, async (t) => {
  const child = await victim(t, 'holdfast-test-found');
  assert.equal(sh(findScript('holdfast-test-fou*')).trim(), String(child.pid));
});

test('a server that does not run is an error', LIMIT, () => {
  assert.throws(() => sh(findScript('holdfast-test-nobody')), /No such process runs here\./);
});

test('a server is killed', LIMIT, async (t) => {
  const child = await victim(t, 'holdfast-test-killed');
  const ended = once(child, 'exit');
  sh(killScript('holdfast-test-killed'));
  assert.deepEqual(await ended, [null, 'SIGKILL']);
});

test('a server is killed later, by somebody who has gone by then', LIMIT, async (t) => {
  const child = await victim(t, 'holdfast-test-later');
  const ended = once(child, 'exit');
  sh(delayedKillScript('holdfast-test-later', 1));
  await sleep(100);
  assert.equal(child.exitCode ?? child.signalCode, null);
  assert.deepEqual(await ended, [null, 'SIGKILL']);
});
