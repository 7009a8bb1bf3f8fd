import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Disks } from './disks.ts';

/** Two disks; skipped where this machine does not allow it, as in a container without loop devices. */
async function made(t: TestContext): Promise<{ disks: Disks; folder: string } | null> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-disks-'));
  try {
    const disks = await Disks.open(folder, ['mysql-0', 'mysql-1']);
    t.after(() => {
      disks.close();
      rmSync(folder, { recursive: true });
    });
    return { disks, folder };
  } catch (error) {
    rmSync(folder, { recursive: true });
    t.skip((error as Error).message);
    return null;
  }
}

test('a full disk takes nothing more until there is room again, and another is not touched', { timeout: 60_000 }, async (t) => {
  const { disks, folder } = (await made(t)) ?? {};
  if (disks === undefined || folder === undefined) return;
  assert.ok((await disks.fill('mysql-0')) > 1024 * 1024 * 1024);
  assert.throws(() => writeFileSync(join(folder, 'mysql-0', 'file'), Buffer.alloc(1024 * 1024)), { code: 'ENOSPC' });
  writeFileSync(join(folder, 'mysql-1', 'file'), Buffer.alloc(1024 * 1024));
  disks.empty('mysql-0');
  writeFileSync(join(folder, 'mysql-0', 'file'), Buffer.alloc(1024 * 1024));
});

test('a disk that hangs can be read, and what is written waits until it goes on', { timeout: 60_000 }, async (t) => {
  const { disks, folder } = (await made(t)) ?? {};
  if (disks === undefined || folder === undefined) return;
  const path = join(folder, 'mysql-0', 'file');
  writeFileSync(path, 'before');
  const file = await open(path, 'a');
  await disks.freeze('mysql-0');
  const seen = { written: false };
  const writing = file.write(' and after').then(() => { seen.written = true; });
  await sleep(300);
  assert.deepEqual([seen.written, readFileSync(path, 'utf8')], [false, 'before']);
  disks.thaw('mysql-0');
  await writing;
  await file.close();
  assert.equal(readFileSync(path, 'utf8'), 'before and after');
});
