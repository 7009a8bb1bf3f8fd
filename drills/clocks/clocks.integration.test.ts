import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { Clocks } from './clocks.ts';

/** Says on each line that it reads what time it is, in milliseconds, and how long half a second took. */
const TELL = `require('node:readline').createInterface(process.stdin).on('line', () => {
  const began = process.hrtime.bigint();
  setTimeout(() => console.log(Date.now(), Number(process.hrtime.bigint() - began) / 1e6), 500);
});`;

test('the clock of one process jumps while it runs, and what it waits for takes as long as before', { timeout: 60_000 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-clocks-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const clocks = await Clocks.open(folder, ['mysql-0']).catch((error: Error) => {
    t.skip(error.message);
    return null;
  });
  if (clocks === null) return;
  const child = spawn(process.execPath, ['-e', TELL], { cwd: join(folder, 'mysql-0'), stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, LD_PRELOAD: clocks.library } });
  t.after(() => child.kill('SIGKILL'));
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const told = async (): Promise<readonly [number, number]> => {
    child.stdin.write('\n');
    const [now = 0, tookMs = 0] = String((await lines.next()).value).split(' ').map(Number);
    return [Math.round((now - Date.now()) / 60_000) + 0, Math.round(tookMs / 2000)];
  };
  assert.deepEqual(await told(), [0, 0]);
  clocks.set('mysql-0', 3600);
  assert.deepEqual(await told(), [60, 0]);
  clocks.set('mysql-0', -3600);
  assert.deepEqual(await told(), [-60, 0]);
  clocks.set('mysql-0', 0);
  assert.deepEqual(await told(), [0, 0]);
});
