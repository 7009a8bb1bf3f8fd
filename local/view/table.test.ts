import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MemberView, OperatorView } from '../stack/status.ts';
import { coloured, plain, processLines } from './table.ts';
import { processView } from './testing.ts';

const UUID = 'aaaaaaaa-0000-0000-0000-000000000000';
const MEMBERS: readonly MemberView[] = [
  { name: 'mysql-0', role: 'replica', executed: `${UUID}:1-10`, missing: `${UUID}:11-163`, missingCount: 153, errant: `${UUID}:500` },
  { name: 'mysql-1', role: 'primary', executed: `${UUID}:1-163`, missing: '', missingCount: 0, errant: '' },
];
const OPERATOR: OperatorView = { acting: true, paused: false, epoch: 3, primary: 'mysql-1', members: MEMBERS, events: [] };
const PROCESSES = [
  processView('mysql-0', { role: 'replica', lagSeconds: 0.25, restarts: 1 }),
  processView('mysql-1', { role: 'primary', pid: 101, port: 18_001 }),
  processView('nginx-0', { kind: 'nginx', role: 'edge', pid: null, port: 8000, state: 'backing-off' }),
];

test('each process has its role, state, pid, port, lag, GTID differences and restarts', () => {
  assert.deepEqual(processLines(PROCESSES, OPERATOR, { columns: 120, paint: plain }), [
    'NAME     ROLE     STATE        PID  PORT   LAG    MISSING  ERRANT  RESTARTS',
    'nginx-0  edge     backing-off  -    8000   -      -        -       0',
    'mysql-0  replica  running      100  18000  0.3 s  153      1       1',
    'mysql-1  primary  running      101  18001  -      0        0       0',
  ]);
});

test('where there is no room the last columns are left out, whole', () => {
  assert.equal(processLines(PROCESSES, OPERATOR, { columns: 60, paint: plain })[0], 'NAME     ROLE     STATE        PID  PORT   LAG    MISSING');
  assert.equal(processLines(PROCESSES, null, { columns: 75, paint: plain })[2], 'mysql-0  replica  running      100  18000  0.3 s  -        -       1');
});

test('on a terminal what does not run stands out', () => {
  const lines = processLines(PROCESSES, OPERATOR, { columns: 120, paint: coloured });
  assert.deepEqual(lines.filter((line) => line.startsWith('\u001B[31m')).map((line) => line.slice(5, 12)), ['nginx-0']);
});
