import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MemberView, OperatorView } from '../stack/status.ts';
import { memberNotes } from './members.ts';

const UUID = 'aaaaaaaa-0000-0000-0000-000000000000';
const OTHER = 'bbbbbbbb-0000-0000-0000-000000000000';
const member = (name: string, special: Partial<MemberView> = {}): MemberView => ({
  name, role: 'replica', epoch: 3, promised: 3, counts: true, executed: `${UUID}:1-20`, missing: '', missingCount: 0, errant: '', evidence: ['answers', 'receiver on'], work: null, problem: null, ...special,
});
const operator = (members: readonly MemberView[], special: Partial<OperatorView> = {}): OperatorView => ({ acting: true, paused: false, epoch: 3, primary: 'mysql-1', members, events: [], ...special });

test('of members with which all is well there is nothing unusual to say', () => {
  const healthy = operator([member('mysql-0'), member('mysql-1', { role: 'primary', evidence: ['answers'] })]);
  assert.deepEqual(memberNotes(healthy, 'unusual'), []);
  assert.deepEqual(memberNotes(healthy, 'all'), [
    { name: 'mysql-0', facts: ['replica, epoch 3', 'answers', 'receiver on', 'has all that mysql-1 has'] },
    { name: 'mysql-1', facts: ['primary, epoch 3', 'answers', 'has 20 transactions'] },
  ]);
});

test('sets are told as differences to the primary, and what is done about them with its progress', () => {
  const strange = member('mysql-0', { role: 'reseeding', epoch: 2, missing: `${UUID}:18-20`, missingCount: 3, errant: `${OTHER}:7`, work: 're-seeded from mysql-2: 45 %, 80 MB/s' });
  assert.deepEqual(memberNotes(operator([strange]), 'all'), [
    {
      name: 'mysql-0',
      facts: ['reseeding, epoch 2', 'answers', 'receiver on', 'has promised epoch 3', `lacks 3 transactions: ${UUID}:18-20`, `has 1 transaction that mysql-1 never had: ${OTHER}:7`, 're-seeded from mysql-2: 45 %, 80 MB/s'],
    },
  ]);
  assert.deepEqual(memberNotes(operator([strange]), 'unusual'), [{ name: 'mysql-0', facts: ['epoch 2', 'has promised epoch 3', '1 transaction of its own', 're-seeded from mysql-2: 45 %, 80 MB/s'] }]);
});

test('without a primary the differences are those to all members together', () => {
  const members = [member('mysql-0', { executed: `${UUID}:1-20`, missing: null }), member('mysql-2', { executed: `${UUID}:1-18,${OTHER}:1`, missing: null })];
  const facts = memberNotes(operator(members, { primary: null }), 'all').map((note) => note.facts.at(-1));
  assert.deepEqual(facts, [`lacks 1 transaction: ${OTHER}:1`, `lacks 2 transactions: ${UUID}:19-20`]);
});

test('of a member that does not answer any more it is said of when that is', () => {
  const lost = member('mysql-2', { role: 'unreachable', evidence: ['refused'] });
  assert.deepEqual(memberNotes(operator([lost]), 'all'), [{ name: 'mysql-2', facts: ['unreachable, epoch 3', 'refused', 'has all that mysql-1 has, when it last answered'] }]);
});

test('of a member that never answered nothing is claimed', () => {
  const lost = member('mysql-2', { role: 'unreachable', epoch: 0, promised: 0, counts: false, executed: null, missing: null, evidence: ['refused'], problem: 'it fails to start (failed 3 times, tried again in 8 s)' });
  assert.deepEqual(memberNotes(operator([lost]), 'all'), [{ name: 'mysql-2', facts: ['unreachable, epoch 0', 'refused', 'left alone for now: it fails to start (failed 3 times, tried again in 8 s)'] }]);
});
