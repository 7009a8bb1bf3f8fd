import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OperatorView, StackStatus } from '../stack/status.ts';
import { eventLine, statusLines } from './status-lines.ts';
import type { Shown } from './status-lines.ts';
import { plain } from './table.ts';
import { processView } from './testing.ts';

const OPERATOR: OperatorView = {
  acting: true, paused: false, epoch: 3, primary: 'mysql-1', situation: 'healthy',
  decision: { kind: 'nothing', situation: 'healthy', reason: 'mysql-1 is the primary, and all follow it', at: '2026-01-01T10:00:02.000Z' },
  members: [{ name: 'mysql-1', role: 'primary', epoch: 3, evidence: ['answers'] }],
  events: [],
};

const STATUS: StackStatus = {
  url: 'http://127.0.0.1:8000', dataDir: '/data', basePort: 18_000, pid: 1, startedAt: '2026-01-01T10:00:00.000Z', readySeconds: 7, stopping: false,
  processes: [processView('mysql-1', { role: 'primary' })],
  operator: OPERATOR,
  events: [
    { at: '2026-01-01T10:00:01.000Z', text: 'mysql-0 ended by SIGKILL' },
    { at: '2026-01-01T10:00:02.000Z', text: 'mysql-1 promoted, epoch 3, 84 ms', durationMs: 84.4 },
  ],
};

const NOW = Date.parse('2026-01-01T10:01:05.000Z');
const lines = (status: StackStatus, special: Partial<Shown> = {}): readonly string[] =>
  statusLines(status, { now: NOW, paint: plain, columns: Infinity, rows: Infinity, events: 10, ...special }).map((line) => line.replaceAll(/\d\d:\d\d:\d\d/g, 'hh:mm:ss'));

test('the status says where the service is, what the operator thinks, how processes and members are, and what happened', () => {
  assert.deepEqual(lines(STATUS), [
    'http://127.0.0.1:8000/api/property  up 65 s  epoch 3, primary mysql-1',
    'healthy since hh:mm:ss: mysql-1 is the primary, and all follow it',
    '',
    'NAME     ROLE     STATE    PID  PORT   LAG  MISSING  ERRANT  RESTARTS',
    'mysql-1  primary  running  100  18000  -    -        -       0',
    '',
    'mysql-1  primary, epoch 3; answers',
    '',
    'hh:mm:ss  mysql-0 ended by SIGKILL',
    'hh:mm:ss  mysql-1 promoted, epoch 3, 84 ms',
  ]);
});

test('on a screen members with which all is well take no room, and the events take what is left', () => {
  assert.deepEqual(lines(STATUS, { columns: 40, rows: 7 }).slice(2), ['  primary, and all follow it', '', 'NAME     ROLE     STATE    PID  PORT', 'mysql-1  primary  running  100  18000']);
  assert.deepEqual(lines(STATUS, { rows: 7 }).slice(-2), ['', 'hh:mm:ss  mysql-1 promoted, epoch 3, 84 ms']);
});

test('a refusal says what would help, and maintenance that nothing is done', () => {
  const decision = { kind: 'refuse', situation: 'no-primary', reason: 'only mysql-2 answers', remedy: 'Start mysql-0 or mysql-1', at: '2026-01-01T10:00:02.000Z' };
  const refused = lines({ ...STATUS, operator: { ...OPERATOR, paused: true, primary: null, decision } });
  assert.deepEqual(refused.slice(0, 2), [
    'http://127.0.0.1:8000/api/property  up 65 s  epoch 3, no primary',
    'operator paused, no-primary, refused since hh:mm:ss: only mysql-2 answers. Start mysql-0 or mysql-1',
  ]);
  assert.equal(lines({ ...STATUS, operator: null, readySeconds: null })[0], 'http://127.0.0.1:8000/api/property  starting  the operator does not answer');
});

test('an event says how long its step took, once', () => {
  const at = '2026-01-01T10:00:00.000Z';
  assert.match(eventLine({ at, text: 'mysql-0 re-seeded from mysql-1', durationMs: 5123 }), /^\d\d:\d\d:\d\d {2}mysql-0 re-seeded from mysql-1, 5\.1 s$/);
  assert.match(eventLine({ at, text: 'mysql-1 promoted, epoch 3, 84 ms', durationMs: 84 }), /epoch 3, 84 ms$/);
});
