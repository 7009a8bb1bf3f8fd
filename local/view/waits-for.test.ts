import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OperatorView, ProcessView, StackStatus } from '../stack/status.ts';
import { processView } from './testing.ts';
import { waitsFor } from './waits-for.ts';

const process = (name: string, special: Partial<ProcessView> = {}): ProcessView => processView(name, { kind: 'web', health: 'ok', ...special });
const OPERATOR: OperatorView = { acting: true, paused: false, epoch: null, primary: null, members: [], events: [] };
const status = (processes: readonly ProcessView[], operator: OperatorView | null): StackStatus => ({
  url: '', dataDir: '', basePort: 1, pid: 1, startedAt: '', readySeconds: null, stopping: false, processes, operator, events: [],
});

test('first the processes are waited for, then the operator, a primary, and the first write', () => {
  const starting = process('web-1', { state: 'starting' });
  assert.equal(waitsFor(status([process('web-0'), starting, process('mysql-0', { state: 'starting' })], null)), 'web-1, mysql-0');
  assert.equal(waitsFor(status([process('web-0')], null)), 'the operator');
  assert.equal(waitsFor(status([], { ...OPERATOR, decision: { reason: 'mysql-2 does not answer' } })), 'a primary (mysql-2 does not answer)');
  assert.equal(waitsFor(status([], { ...OPERATOR, primary: 'mysql-0' })), 'the first write');
});

test('a process that fails again and again is named with the command that tells more', () => {
  const failing = process('web-1', { state: 'backing-off', restarts: 2 });
  assert.equal(waitsFor(status([failing, process('web-0', { state: 'starting' })], null)), 'web-1 fails to start: look at npm run logs web-1');
});
