import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CaseResult } from '../measure/row.ts';
import { barWidth, chart } from './chart.ts';
import { figure, table, verdict } from './table.ts';

const RESULT: CaseResult = {
  name: 'page', says: 'a page <beside> "hello"',
  rows: [
    { what: 'page & more', value: 91_234.5, unit: 'requests/s', range: [90_000, 92_000], p99Ms: 1.234, loadCpu: 0.52, failed: 0, beside: { what: 'hello', value: 100_000 }, ratio: 0.912, target: { kind: 'at least', ratio: 0.9 } },
    { what: 'gap', value: 512, unit: 'ms', failed: 3, ratio: 2.5, target: { kind: 'at most', ratio: 2 } },
    { what: 'memory', value: 62.04, unit: 'MiB' },
  ],
};

test('figures have three digits that count', () => {
  assert.deepEqual([91_234.5, 512, 62.04, 1.234, 0, Number.NaN].map(figure), ['91,235', '512', '62.0', '1.23', '0.00', '–']);
});

test('a target is met, missed, or not there', () => {
  assert.deepEqual(RESULT.rows.map(verdict), ['≥ 0.9: met', '≤ 2: MISSED', '']);
});

test('the table has each figure in its column', () => {
  assert.equal(table([RESULT]), [
    '                      measured  lowest – highest      p99  load CPU  failed  beside           ratio  target',
    '',
    'page: a page <beside> "hello"',
    'page & more  91,235 requests/s   90,000 – 92,000  1.23 ms      52 %          hello   100,000   0.91  ≥ 0.9: met',
    'gap                     512 ms                                            3                    2.50  ≤ 2: MISSED',
    'memory                62.0 MiB',
    '',
  ].join('\n'));
});

test('what could not be measured says why', () => {
  assert.match(table([{ name: 'page', says: 'x', rows: [], broken: 'no disk.' }]), /^could not be measured: no disk\.$/m);
});

test('a bar is as long as its ratio, and ends at twice the limit', () => {
  assert.deepEqual([0, 0.5, 1, 2, 7].map(barWidth), [0, 105, 210, 420, 420]);
});

test('the chart draws what has a limit, and what it draws is whole XML', () => {
  const svg = chart([RESULT], 'On 2 cores & more');
  assert.match(svg, /On 2 cores &amp; more/);
  assert.match(svg, /page &amp; more/);
  assert.match(svg, /<rect x="430" y="70" width="192" height="14" fill="#3a8f5c"\/>/);
  assert.match(svg, /fill="#c2502f"/);
  assert.doesNotMatch(svg, /memory/);
  assert.doesNotMatch(svg, /NaN|undefined/);
});
