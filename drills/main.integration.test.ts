import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readRecord } from '../local/supervisor/record.ts';
import { isAlive } from '../local/supervisor/identity.ts';
import { checkHistory } from './history/check.ts';
import type { Outcome } from './verdict/report.ts';

const LIMIT = { timeout: 240_000 };

/** Where a drill says that its stack is. */
const DATA_DIR = /\/\S*holdfast-drill-\w{6}\b/;

/** Runs drills as a person does; the text that they print is what they have said until now. */
function drill(...args: readonly string[]) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const printed = { text: '' };
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => { printed.text += String(chunk); });
  return { child, printed, ended: once(child, 'exit') as Promise<[number | null]> };
}

/** Waits until the drill has printed something. @throws AssertionError when it ended without that */
async function until({ child, printed }: Pick<ReturnType<typeof drill>, 'child' | 'printed'>, pattern: RegExp): Promise<RegExpExecArray> {
  for (;;) {
    const ended = child.exitCode !== null || child.signalCode !== null;
    const match = pattern.exec(printed.text);
    if (match !== null) return match;
    assert.ok(!ended, `It ended without ${pattern}:\n${printed.text}`);
    await sleep(100);
  }
}

test('a drill starts a stack, breaks it, judges it and ends it', LIMIT, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-drill-test-'));
  const json = join(folder, 'results.json');
  try {
    const running = drill('koa-kill', '--json', json, '--out', folder);
    const { printed } = running;
    await running.ended;
    assert.ok(existsSync(json), printed.text);
    const { outcomes } = JSON.parse(readFileSync(json, 'utf8')) as { outcomes: readonly Outcome[] };
    const [outcome] = outcomes;
    assert.ok(outcome?.kind === 'judged', printed.text);
    assert.deepEqual([outcome.drill, outcome.verdict.lost, outcome.verdict.duplicated, outcome.verdict.wrongReads], ['koa-kill', 0, 0, 0], printed.text);
    assert.match(outcome.verdict.evidence[1] ?? '', /^web-0 runs again, as pid \d+\.$/);
    assert.ok(outcome.verdict.figures.acknowledgedWrites > 0 && outcome.verdict.comparedReads > 0, printed.text);
    const [report = ''] = /\S+\.html/.exec(printed.text) ?? [];
    assert.match(readFileSync(report, 'utf8'), /^<!doctype html>[^]*<p class="verdict [^]*<\/svg>/);
    assert.deepEqual(checkHistory(readFileSync(report.replace('.html', '.jsonl'), 'utf8')).wrong, [], printed.text);
    const [dataDir = ''] = await until(running, DATA_DIR);
    assert.equal(readRecordOf(dataDir), undefined);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('an interrupted drill ends what it has started', LIMIT, async () => {
  const running = drill('operator-kill', '--out', join(tmpdir(), `holdfast-drill-test-${process.pid}`));
  const { child, printed, ended } = running;
  const [dataDir = ''] = await until(running, DATA_DIR);
  try {
    await until(running, /operator-kill, run 1 of 1/);
    const record = readRecordOf(dataDir);
    assert.ok(record !== undefined && isAlive(record.supervisor), printed.text);
    child.kill('SIGINT');
    const [code] = await ended;
    assert.equal(code, 1, printed.text);
    assert.deepEqual([record.supervisor, ...record.processes].filter(isAlive), []);
  } finally {
    child.kill('SIGTERM');
    await ended;
    rmSync(dataDir, { recursive: true, force: true });
    rmSync(join(tmpdir(), `holdfast-drill-test-${process.pid}`), { recursive: true, force: true });
  }
});

const readRecordOf = (dataDir: string) => readRecord(join(dataDir, 'supervisor.json'));
