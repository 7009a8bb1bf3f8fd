import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProcessView, StackStatus } from '../stack/status.ts';
import { coloured, duration, plain, statusLines } from './table.ts';

const process = (name: string, more: Partial<ProcessView>): ProcessView => ({
  name, kind: 'mysql', pid: 100, port: 18_000, state: 'running', restarts: 0, startedAt: null, health: 'unknown', role: null, lagSeconds: null, ...more,
});

const STATUS: StackStatus = {
  url: 'http://127.0.0.1:8000',
  dataDir: '/data',
  basePort: 18_000,
  pid: 1,
  startedAt: '2026-01-01T10:00:00.000Z',
  readySeconds: 7,
  stopping: false,
  processes: [
    process('mysql-0', { role: 'replica', lagSeconds: 0.25, restarts: 1 }),
    process('mysql-1', { role: 'primary', pid: 101, port: 18_001 }),
    process('nginx-0', { kind: 'nginx', role: 'edge', pid: null, port: 8000, state: 'backing-off' }),
  ],
  operator: { acting: true, paused: false, epoch: 3, primary: 'mysql-1', members: [], events: [] },
  events: [
    { at: '2026-01-01T10:00:01.000Z', text: 'mysql-0 ended by SIGKILL' },
    { at: '2026-01-01T10:00:02.000Z', text: 'mysql-1 promoted, epoch 3, 84 ms' },
  ],
};

const NOW = Date.parse('2026-01-01T10:01:05.000Z');
const shown = (status: StackStatus, events: number): string => statusLines(status, { now: NOW, events, paint: plain }).join('\n');

test('the status says where the service is, and of each process its role, state, pid, port, lag and restarts', () => {
  const expected = `http://127.0.0.1:8000/api/property  up 65 s  epoch 3, primary mysql-1

NAME     ROLE     STATE        PID  PORT   LAG    RESTARTS
nginx-0  edge     backing-off  -    8000   -      0
mysql-0  replica  running      100  18000  0.3 s  1
mysql-1  primary  running      101  18001  -      0`;
  assert.equal(shown(STATUS, 0), expected);
});

test('only the last events are shown', () => {
  assert.match(shown(STATUS, 1), /\n\n\d\d:\d\d:02 {2}mysql-1 promoted, epoch 3, 84 ms$/);
  assert.doesNotMatch(shown(STATUS, 1), /SIGKILL/);
});

test('what is wrong with the members is said in the first line', () => {
  const operator = { acting: true, paused: true, epoch: null, primary: null, decision: { reason: 'only mysql-2 answers' }, members: [], events: [] };
  assert.match(shown({ ...STATUS, operator }, 0), /up 65 s {2}no primary: only mysql-2 answers, operator paused\n/);
  assert.match(shown({ ...STATUS, operator: null, readySeconds: null }, 0), /starting {2}the operator does not answer\n/);
});

test('on a terminal what does not run stands out', () => {
  const lines = statusLines(STATUS, { now: NOW, events: 0, paint: coloured });
  assert.deepEqual(lines.filter((line) => line.startsWith('\u001B[31m')).map((line) => line.slice(5, 12)), ['nginx-0']);
});

test('lengths of time are short', () => {
  assert.deepEqual([999, 119_999, 120_000, 7_199_999, 7_260_000].map(duration), ['0 s', '119 s', '2 min', '119 min', '2 h 1 min']);
});
