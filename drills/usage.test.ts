import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

const run = (program: string, ...args: string[]): { readonly status: number | null; readonly said: string } => {
  const { status, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, program), ...args], { encoding: 'utf8', timeout: 30_000 });
  return { status, said: stderr };
};

test('a wrong command line is told from a lost write by its exit code', () => {
  assert.deepEqual(run('main.ts', '--foo'), { status: 2, said: "Unknown option '--foo'. See npm run drill -- --help.\n" });
  assert.deepEqual(run('main.ts', 'nosuch'), { status: 2, said: 'There is no drill "nosuch": npm run drill -- list names them all.\n' });
  assert.deepEqual(run('history/main.ts', '--foo'), { status: 2, said: 'There is no option --foo: npm run history -- FILE.jsonl… takes files alone.\n' });
});

test('a history that is not there is named, and where there are some', () => {
  assert.deepEqual(run('history/main.ts', 'missing.jsonl'), { status: 2, said: 'missing.jsonl: there is no such file; drills leave theirs in drill-reports/\n' });
});

test('a folder for reports that cannot be made is told before anything is broken', () => {
  const { status, said } = run('main.ts', 'mysql-replica-kill', '--out', join(process.execPath, 'reports'));
  assert.equal(status, 1);
  assert.match(said, /^The folder of --out, .*, cannot be made: ENOTDIR: .*\. Name another\.\n$/);
});
