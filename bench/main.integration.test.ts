import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

const LIMIT = { timeout: 150_000 };

/** Runs the measurement as a person does, with a temporary folder of its own, so that what is left shows. */
function bench(temporary: string, ...args: readonly string[]) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), ...args], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, TMPDIR: temporary } });
  const printed = { out: '', err: '' };
  child.stdout.on('data', (chunk) => { printed.out += String(chunk); });
  child.stderr.on('data', (chunk) => { printed.err += String(chunk); });
  return { child, printed, ended: once(child, 'exit') as Promise<[number | null]> };
}

/** Command lines of processes that work in a folder; nothing is known of them where there is no /proc. */
function processesIn(folder: string): readonly string[] {
  if (!existsSync('/proc')) return [];
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((pid) => {
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      return line.includes(folder) ? [line] : [];
    } catch {
      return [];
    }
  });
}

test('a case is measured beside its limit, written down, and nothing is left of what it started', LIMIT, async (t) => {
  const temporary = mkdtempSync(join(tmpdir(), 'bench-test-'));
  t.after(() => rmSync(temporary, { recursive: true, force: true }));
  const out = mkdtempSync(join(tmpdir(), 'bench-out-'));
  t.after(() => rmSync(out, { recursive: true, force: true }));
  const running = bench(temporary, 'page-cached', '--pairs', '1', '--seconds', '1', '--out', out);
  const [code] = await running.ended;
  assert.equal(code, 0, running.printed.err);
  const [json, svg] = readdirSync(out).sort();
  const { results } = JSON.parse(readFileSync(join(out, json ?? ''), 'utf8')) as { results: readonly { readonly name: string; readonly rows: readonly { readonly value: number; readonly ratio?: number; readonly failed: number }[] }[] };
  const [row] = results[0]?.rows ?? [];
  assert.ok(row !== undefined && row.value > 100 && row.failed === 0, JSON.stringify(results));
  // A tenth of what it has to be: that the edge cache answers at all.
  assert.ok((row.ratio ?? 0) > 0.09, JSON.stringify(row));
  assert.match(readFileSync(join(out, svg ?? ''), 'utf8'), /^<svg [^]*page, edge cache on[^]*<\/svg>\n$/);
  assert.match(running.printed.out, /page, edge cache on +[\d,]+ requests\/s/);
  assert.deepEqual(processesIn(temporary), []);
  assert.deepEqual(readdirSync(temporary), []);
});

test('Ctrl-C in the middle ends everything that was started', LIMIT, async (t) => {
  const temporary = mkdtempSync(join(tmpdir(), 'bench-test-'));
  t.after(() => rmSync(temporary, { recursive: true, force: true }));
  const running = bench(temporary, 'page-cached', '--seconds', '60');
  while (!running.printed.err.includes('warming up')) {
    assert.equal(running.child.exitCode, null, running.printed.err);
    await sleep(50);
  }
  running.child.kill('SIGINT');
  assert.deepEqual(await running.ended, [1, null]);
  assert.match(running.printed.err, /The measurement was interrupted/);
  assert.equal(running.printed.out, '');
  assert.deepEqual(processesIn(temporary), []);
  assert.deepEqual(readdirSync(temporary), []);
});

test('a wrong command line is one sentence and exit code 2', LIMIT, async () => {
  const running = bench(tmpdir(), 'no-such-case');
  assert.deepEqual(await running.ended, [2, null]);
  assert.equal(running.printed.err, 'There is no case "no-such-case": npm run bench -- list names them all.\n');
});
