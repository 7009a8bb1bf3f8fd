import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closed, gone, member, primary } from './fixtures.ts';
import { mayFence, mayReceive } from './quorum.ts';

test('two of three that count may be fenced', () => {
  assert.deepEqual(mayFence([gone(0), member(1), member(2)], undefined), { kind: 'may', fence: ['mysql-1', 'mysql-2'], drain: false });
});

test('self-made-outage: the only acknowledger of a primary that works is never fenced', () => {
  const verdict = mayFence([primary(0, { contact: { kind: 'silent', forMs: 3000 } }), member(1), member(2, { contact: { kind: 'refused' } })], undefined);
  assert.deepEqual(verdict, {
    kind: 'too-few',
    reason: '2 of 3 members must be fenced, and 1 can be (mysql-1): mysql-0 does not answer; mysql-2 does not answer',
    remedy: 'Start mysql-0 or mysql-2 again with the data that it had.',
  });
});

test('a living primary is drained and fenced as well when the others do not suffice', () => {
  assert.deepEqual(mayFence([primary(0), member(1), gone(2)], 'mysql-0'), { kind: 'may', fence: ['mysql-1'], drain: true });
});

test('last-copy-wiped: a member that was wiped, and has not held the primary\'s set since, is no witness', () => {
  const verdict = mayFence([gone(0), member(1), closed(2, { executed: '', row: null, promise: null })], undefined);
  assert.equal(verdict.kind, 'too-few');
  assert.match(verdict.kind === 'too-few' ? verdict.reason : '', /mysql-2 does not count, since it was wiped/);
});

test('a clone\'s copied promise is not its own', () => {
  assert.equal(mayFence([gone(0), member(1), member(2, { promise: -1 })], undefined).kind, 'too-few');
});

test('recovered-away: a member whose settings keep no acknowledgement is no witness', () => {
  const verdict = mayFence([gone(0), member(1), member(2, { unsafe: ['relay_log_recovery must be OFF'] })], undefined);
  assert.match(verdict.kind === 'too-few' ? verdict.reason : '', /mysql-2 is not safe: relay_log_recovery must be OFF/);
});

test('of five members three must be fenced, of four as well', () => {
  assert.equal(mayFence([gone(0), gone(1), member(2), member(3), member(4)], undefined).kind, 'may');
  assert.equal(mayFence([gone(0), gone(1), gone(2), member(3), member(4)], undefined).kind, 'too-few');
  assert.equal(mayFence([gone(0), gone(1), member(2), member(3)], undefined).kind, 'too-few');
});

test('raised-A: of three members that became five, the two new ones count only once they held the primary\'s whole set', () => {
  const newcomer = (index: number) => closed(index, { executed: '0:1-4', promise: null });
  assert.equal(mayFence([gone(0), gone(1), member(2), newcomer(3), newcomer(4)], undefined).kind, 'too-few');
});

test('errant-and-purged: so it is where one of the others has something of its own, and lacks what the one with the epoch row has purged', () => {
  const errant = member(2, { executed: '0:1-10', row: [1, 0] });
  const others = (purged: string): ReturnType<typeof mayFence> => mayFence([primary(0, { row: [2, 0] }), member(1, { executed: '0:1-9,1:1-3', row: [2, 1], purged }), errant], 'mysql-0');
  assert.deepEqual(others('0:1-9,1:1'), { kind: 'may', fence: ['mysql-1', 'mysql-2'], drain: true });
  assert.deepEqual(others('0:1-9'), { kind: 'may', fence: ['mysql-1', 'mysql-2'], drain: false });
});

test('purged-and-cut-off: a living primary is drained as well when the others cannot follow the one of them that has everything', () => {
  const purged = member(1, { executed: '0:1-10', purged: '0:1-9' });
  assert.deepEqual(mayFence([primary(0), purged, member(2, { executed: '0:1-8' })], 'mysql-0'), { kind: 'may', fence: ['mysql-1', 'mysql-2'], drain: true });
  assert.deepEqual(mayFence([primary(0), purged, member(2, { executed: '0:1-8', received: '0:9' })], 'mysql-0'), { kind: 'may', fence: ['mysql-1', 'mysql-2'], drain: false });
});

test('forgotten-promise: who lost its promise receives nothing while one of the two others is away', () => {
  const members = [primary(0), gone(1), closed(2, { executed: '', row: null, promise: null })] as const;
  assert.deepEqual(mayReceive(members, { member: 'mysql-2', primary: members[0] }), {
    kind: 'not-yet',
    reason: 'mysql-2 has lost what it promised, so 2 others must answer that there is no later epoch, and mysql-1 does not: start mysql-1 again, without its data where that is lost',
  });
});

test('forgotten-promise: nor while one of them knows a later epoch, from its row or its promise', () => {
  const empty = closed(2, { executed: '', row: null, promise: null });
  const primary0 = primary(0);
  for (const later of [member(1, { row: [2, 1], promise: 2 }), member(1, { promise: 2 })]) {
    assert.deepEqual(mayReceive([primary0, later, empty], { member: 'mysql-2', primary: primary0 }), { kind: 'not-yet', reason: 'mysql-1 knows an epoch after 1, which comes first' });
  }
});

test('forgotten-promise: two emptied members may both receive from the primary that is left', () => {
  const [holder, ...empty] = [primary(0), closed(1, { executed: '', row: null, promise: null }), closed(2, { executed: '', row: null, promise: null })] as const;
  for (const { name } of empty) assert.deepEqual(mayReceive([holder, ...empty], { member: name, primary: holder }), { kind: 'may' });
});

test('forgotten-promise: of five members three others must answer', () => {
  const empty = closed(4, { executed: '', row: null, promise: null });
  const holder = primary(0);
  assert.equal(mayReceive([holder, member(1), member(2), gone(3), empty], { member: 'mysql-4', primary: holder }).kind, 'may');
  assert.equal(mayReceive([holder, member(1), gone(2), gone(3), empty], { member: 'mysql-4', primary: holder }).kind, 'not-yet');
});
