import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ailments } from './health.ts';
import type { MemberStatus, ProcessStatus, StackStatus } from './status.ts';

const process = (name: string, kind: ProcessStatus['kind'], more: Partial<ProcessStatus> = {}): ProcessStatus =>
  ({ name, kind, pid: 1, port: 1, state: 'running', restarts: 0, health: 'ok', ...more });
const PROCESSES = [process('mysql-0', 'mysql'), process('mysql-1', 'mysql'), process('web-0', 'web')];
const PRIMARY: MemberStatus = { name: 'mysql-0', role: 'primary' };
const REPLICA: MemberStatus = { name: 'mysql-1', role: 'replica', errant: '', lagSeconds: 0 };
const OPERATOR = { acting: true, paused: false, epoch: 1, primary: 'mysql-0', members: [PRIMARY, REPLICA], events: [] };
const WHOLE: StackStatus = { url: '', dataDir: '', basePort: 1, pid: 1, readySeconds: 9.5, processes: PROCESSES, operator: OPERATOR };

test('a whole stack has no ailments', () => {
  assert.deepEqual(ailments(WHOLE), []);
});

test('a stack that has not taken a write yet is not whole', () => {
  assert.deepEqual(ailments({ ...WHOLE, readySeconds: null }), ['it is still starting']);
});

test('a process that does not run or does not answer is one', () => {
  const processes = [...PROCESSES.slice(0, 2), process('web-0', 'web', { health: 'silent' }), process('web-1', 'web', { state: 'backing-off' })];
  assert.deepEqual(ailments({ ...WHOLE, processes }), ['web-0 is silent', 'web-1 is backing-off']);
});

test('an operator that does not answer is one', () => {
  assert.deepEqual(ailments({ ...WHOLE, operator: null }), ['the operator does not answer']);
});

test('no primary is one', () => {
  assert.deepEqual(ailments({ ...WHOLE, operator: { ...OPERATOR, primary: null } }), ['there is no primary']);
});

test('a member that is not what it should be is one', () => {
  const ailing = (...members: MemberStatus[]) => ailments({ ...WHOLE, operator: { ...OPERATOR, members } });
  assert.deepEqual(ailing(PRIMARY), ['the operator does not know mysql-1']);
  assert.deepEqual(ailing(PRIMARY, { ...REPLICA, role: 'reseeding' }), ['mysql-1 is reseeding']);
  assert.deepEqual(ailing(PRIMARY, { ...REPLICA, errant: 'u:1-3' }), ['mysql-1 has transactions of its own: u:1-3']);
  assert.deepEqual(ailing(PRIMARY, { ...REPLICA, lagSeconds: 7 }), ['mysql-1 lags by 7 s']);
  assert.deepEqual(ailing({ ...PRIMARY, role: 'fenced' }, REPLICA), ['mysql-0 is fenced']);
});
