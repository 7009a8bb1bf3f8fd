import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Verdict } from './judge.ts';
import { details, isPassed, table, type Outcome } from './report.ts';

const VERDICT: Verdict = {
  figures: { requests: 5123, acknowledgedWrites: 2000, failed: 0, failedOnVictim: 2, longestWriteGapMs: 114.4, longestWriteGapFromMs: 900, slowestWriteMs: 1180, slowestReadMs: 12 },
  lost: 0, duplicated: 0, wrongReads: 0, comparedReads: 900, healMs: 4321, evidence: ['mysql-0 (pid 12) was ended with SIGKILL.'], complaints: [],
};
const PASSED: Outcome = { kind: 'judged', drill: 'mysql-primary-kill', run: 1, verdict: VERDICT };
const LOSING: Outcome = {
  kind: 'judged', drill: 'mysql-primary-kill', run: 2,
  verdict: { ...VERDICT, figures: { ...VERDICT.figures, failed: 3, longestWriteGapMs: 200 }, lost: 1, healMs: null, complaints: ['drill 2: version 1 was acknowledged, and no row is there.'] },
};
const BROKEN: Outcome = { kind: 'broken', drill: 'koa-kill', run: 1, reason: 'web-0 did not end within 5000 ms of SIGKILL.' };

test('runs stand in a table, with the medians of a drill that ran more than once', () => {
  assert.equal(table([PASSED, LOSING, BROKEN]), `
drill                  run  requests  failed  on broken edge  longest write gap  slowest write  slowest read  lost  duplicated  wrong reads  full health  verdict
mysql-primary-kill       1      5123       0               2             114 ms         1.18 s         12 ms     0           0            0       4.32 s   passed
mysql-primary-kill       2      5123       3               2             200 ms         1.18 s         12 ms     1           0            0        never   FAILED
mysql-primary-kill  median      5123     1.5               2             157 ms         1.18 s         12 ms   0.5           0            0       4.32 s   1 of 2
koa-kill                 1         –       –               –                  –              –             –     –           –            –            –   FAILED
`.trimStart());
});

test('a single run is a list', () => {
  assert.equal(table([PASSED]), `
drill              mysql-primary-kill
run                                 1
requests                         5123
failed                              0
on broken edge                      2
longest write gap              114 ms
slowest write                  1.18 s
slowest read                    12 ms
lost                                0
duplicated                          0
wrong reads                         0
full health                    4.32 s
verdict                        passed
`.trimStart());
});

test('details say what was done, what was seen and what was wrong', () => {
  assert.equal(details(LOSING), `mysql-primary-kill, run 2: FAILED
  mysql-0 (pid 12) was ended with SIGKILL.
  900 reads were compared with the writes acknowledged before them.
  WRONG: drill 2: version 1 was acknowledged, and no row is there.
`);
  assert.equal(details(BROKEN), 'koa-kill, run 1: FAILED\n  web-0 did not end within 5000 ms of SIGKILL.\n');
});

test('only a judged run without complaints has passed', () => {
  assert.deepEqual([PASSED, LOSING, BROKEN].map(isPassed), [true, false, false]);
});
