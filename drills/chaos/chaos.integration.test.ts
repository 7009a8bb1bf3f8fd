import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Connection } from 'mysql2/promise';
import type { Ground } from '../faults/fault.ts';
import { MemoryService } from '../load/testing.ts';
import type { OperatorStatus } from '../stack/status.ts';
import type { Target } from '../stack/target.ts';
import { runChaos } from './chaos.ts';
import { isSound, sumsOf } from './scene.ts';
import type { Kind } from './faults.ts';

const LOAD = { writers: 2, readers: 2, contenders: 2, writePauseMs: 60, readPauseMs: 60, timeoutMs: 2000 };
const OPERATOR: OperatorStatus = { acting: true, paused: false, epoch: 1, primary: 'mysql-0', members: [{ name: 'mysql-0', role: 'primary' }], events: [] };

/** Answers the few statements with which a drill looks at a member, out of the service's memory. */
function sessionOn(service: MemoryService): Connection {
  const answer = (sql: string, patterns: readonly string[] = []): readonly object[] => {
    if (sql.includes('gtid_executed')) return [{ executed: 'u:1-9' }];
    if (sql.startsWith('SELECT id, address')) return service.properties.filter(({ address }) => patterns.some((pattern) => address.startsWith(pattern.slice(0, -1))));
    return [];
  };
  return { query: (sql: string, patterns: readonly string[]) => Promise.resolve([answer(sql, patterns), []]), destroy: () => undefined } as unknown as Connection;
}

/** A stack of which only the service is there, and nothing ails it. */
const targetOf = (service: MemoryService): Target => ({
  urls: [service.url], memberNames: ['mysql-0'], operator: () => Promise.resolve(OPERATOR), sql: () => Promise.resolve(sessionOn(service)),
  look: () => Promise.resolve({ operator: OPERATOR, parts: [{ name: 'mysql-0', state: 'running' }] }), waitForHealth: () => Promise.resolve(),
});

test('chaos breaks one thing after the other until one cannot be broken, leaves a report, and finds what a later fault took away', { timeout: 60_000 }, async () => {
  const service = await MemoryService.start();
  const outDir = mkdtempSync(join(tmpdir(), 'holdfast-chaos-'));
  const said: string[] = [];
  const struck: string[] = [];
  const stage: Ground = { stack: targetOf(service), own: null, now: () => performance.now(), signal: new AbortController().signal, note: (text) => said.push(text) };
  const kind: Kind<Ground> = () => ({
    name: 'nothing', failures: 'none',
    fault: () => {
      // What an earlier round has left: its load is over, and only the last look at everything can see it.
      if (struck.push('nothing') === 2) service.forget(service.properties[0]?.id ?? 0);
      if (struck.length === 3) return Promise.reject(new Error('There is nothing left to break.'));
      return Promise.resolve({ evidence: ['Nothing was done.'], firstMs: performance.now(), lastMs: performance.now(), heldPorts: new Set<number>() });
    },
  });
  try {
    const chaos = await runChaos({ seed: 1, minutes: 10, kinds: [kind], load: LOAD, calm: { beforeMs: 500, afterMs: 500 }, outDir, healMs: 1000 }, stage);
    assert.deepEqual(chaos.rounds.map((round) => (round.kind === 'judged' ? round.complaints : round.reason)), [[], [], 'There is nothing left to break.'], said.join('\n'));
    const { lost, duplicated, wrongReads, failed, requests } = sumsOf(chaos);
    assert.deepEqual([lost, duplicated, wrongReads, failed], [0, 0, 0, 0]);
    assert.ok(requests > 20, `${requests} requests`);
    assert.match(chaos.gone.join('\n'), /^Of the rows of round 1, nothing, 1 are not as they were, and 0 came since: \d+ holdfast drill/);
    assert.equal(isSound(chaos), false);
    // The history of a round that went well is not kept.
    const [broken = '', report = ''] = readdirSync(outDir).sort();
    assert.match(broken, /-round-3\.jsonl$/);
    assert.match(readFileSync(join(outDir, report), 'utf8'), /<p class="verdict bad">FAILED: 3 faults, /);
  } finally {
    await service.stop();
    rmSync(outDir, { recursive: true });
  }
});
