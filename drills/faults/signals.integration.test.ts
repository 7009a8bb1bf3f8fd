import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { identify, isAlive } from '../../local/supervisor/identity.ts';
import type { Stack } from '../stack/stack.ts';
import type { Stage } from './fault.ts';
import { end, freeze } from './signals.ts';
import type { Victim } from './victim.ts';

const LIMIT = { timeout: 20_000, skip: process.platform !== 'linux' };

const STAGE: Stage = { stack: {} as Stack, own: null, now: () => performance.now(), signal: new AbortController().signal, note: () => undefined };

/** A process in a group of its own, with one child, ended after use. */
async function withVictim(use: (victim: Victim, child: ChildProcess) => Promise<void>): Promise<void> {
  const child = spawn('sh', ['-c', 'sleep 60 & echo ready; wait'], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  await once(child.stdout, 'data');
  const identity = identify(child.pid ?? 0);
  assert.ok(identity !== undefined);
  try {
    await use({ ...identity, name: 'victim' }, child);
  } finally {
    if (isAlive(identity)) process.kill(-identity.pid, 'SIGKILL');
  }
}

const stateOf = (pid: number): string => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0] ?? '';

test('an ended process is gone, and what was seen is told in its order', LIMIT, async () => {
  await withVictim(async (victim) => {
    const damage = await end(() => Promise.resolve(victim), 'SIGKILL', [() => Promise.resolve('Another runs.')])(STAGE);
    assert.equal(isAlive(victim), false);
    assert.match(damage.evidence[0] ?? '', new RegExp(`^victim \\(pid ${victim.pid}\\) got SIGKILL at \\d+ ms and was gone after \\d+ ms\\.$`));
    assert.deepEqual([damage.evidence[1], damage.firstMs === damage.lastMs], ['Another runs.', true]);
  });
});

test('a fault without its proof is an error', LIMIT, async () => {
  await withVictim(async (victim) => {
    const never = () => Promise.reject(new Error('The promotion of another member did not happen within 20000 ms.'));
    await assert.rejects(end(() => Promise.resolve(victim), 'SIGKILL', [never])(STAGE), /did not happen within 20000 ms/);
  });
});

test('a frozen process is stopped as long as it was said, and goes on then', LIMIT, async () => {
  await withVictim(async (victim) => {
    let meanwhile = '';
    const look = () => {
      meanwhile = stateOf(victim.pid);
      return Promise.resolve('It was seen.');
    };
    const damage = await freeze(() => Promise.resolve(victim), { forMs: 300, meanwhile: [look] })(STAGE);
    assert.equal(meanwhile, 'T');
    // A timer counts whole milliseconds.
    assert.ok(damage.lastMs - damage.firstMs >= 299, `${damage.lastMs - damage.firstMs} ms`);
    while (stateOf(victim.pid) !== 'S') await sleep(5);
  });
});

test('a frozen process goes on also when the drill breaks off', LIMIT, async () => {
  await withVictim(async (victim) => {
    const broken = freeze(() => Promise.resolve(victim), { forMs: 0, meanwhile: [() => Promise.reject(new Error('no'))] });
    await assert.rejects(broken(STAGE), /no/);
    while (stateOf(victim.pid) !== 'S') await sleep(5);
  });
});

test('a frozen process that somebody ends meanwhile is told', LIMIT, async () => {
  await withVictim(async (victim, child) => {
    const ending = async () => {
      process.kill(-victim.pid, 'SIGKILL');
      await once(child, 'exit');
      return 'The supervisor ended it.';
    };
    const damage = await freeze(() => Promise.resolve(victim), { forMs: 0, meanwhile: [ending] })(STAGE);
    assert.deepEqual(damage.evidence.slice(1), ['The supervisor ended it.', 'It was ended before it could go on.']);
  });
});
