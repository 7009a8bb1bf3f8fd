import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closed, gone, gtids, member, primary } from './fixtures.ts';
import { mayWipe } from './wipe.ts';

const SET = '0:1-10,1:1-5';
const ask = (victim: ReturnType<typeof closed>, others: readonly ReturnType<typeof closed>[], saved = true): string => {
  const verdict = mayWipe({ members: [victim, ...others], victim: 'mysql-0', primary: 'mysql-1', primarySet: gtids(SET), saved });
  return verdict.kind === 'may' ? 'may' : verdict.reason;
};
const victim = closed(0, { executed: '0:1-11', row: [1, 0] });
const promoted = primary(1, { executed: SET, row: [2, 1], promise: 2 });

test('an errant member may be wiped when the promoted primary and one other have everything', () => {
  assert.equal(ask(victim, [promoted, member(2, { executed: SET, row: [2, 1], promise: 2 })]), 'may');
});

test('what the other has only received, it has', () => {
  assert.equal(ask(victim, [promoted, member(2, { executed: '0:1-10', received: '1:1-5', promise: 2 })]), 'may');
});

test('last-copy-wiped: not while the only other copy would be the primary\'s', () => {
  assert.equal(ask(victim, [promoted, member(2, { executed: '0:1-10,1:1-4', promise: 2 })]), '1 other members must have all that mysql-1 has, and mysql-2 is behind');
  assert.equal(ask(victim, [promoted, gone(2)]), '1 other members must have all that mysql-1 has, and no other answers');
});

test('a member that does not count is no second copy', () => {
  assert.equal(ask(victim, [promoted, member(2, { executed: SET, promise: -2 })]), '1 other members must have all that mysql-1 has, and mysql-2 does not count yet');
});

test('a victim that does not count needs another copy, but none that counts: neither of two that cannot apply would ever', () => {
  const broken = member(0, { executed: '', received: SET, promise: null, applier: { running: false, error: 'Could not execute' } });
  assert.equal(ask(broken, [promoted, member(2, { executed: '0:1-5', received: '0:6-10,1:1-5', promise: -2, applier: { running: false, error: 'Could not execute' } })]), 'may');
  assert.equal(ask(broken, [promoted, member(2, { executed: '0:1-5', received: '0:6-10,1:1-4', promise: -2 })]), '1 other members must have all that mysql-1 has, and mysql-2 is behind');
  assert.equal(ask(broken, [promoted, member(2, { executed: SET, promise: -2, isGivenUp: true })]), '1 other members must have all that mysql-1 has, and mysql-2 does not count yet');
  assert.equal(ask(broken, [promoted, member(2, { executed: SET, promise: -2, unsafe: ['sync_binlog is 0'] })]), '1 other members must have all that mysql-1 has, and mysql-2 does not count yet');
});

test('acknowledged-last: not while a commit of the primary\'s, which the victim may have acknowledged, still hangs there', () => {
  const other = member(2, { executed: SET, row: [2, 1], promise: 2 });
  const reason = 'mysql-0 may have acknowledged what still hangs on mysql-1';
  assert.equal(ask(closed(0, { executed: '0:1-10,1:1-6', row: [2, 1] }), [promoted, other]), reason);
  assert.equal(ask(closed(0, { executed: '0:1-10,1:1-4', received: '1:1-6', row: [2, 1] }), [promoted, other]), reason, 'received and not applied');
  assert.equal(ask(closed(0, { executed: '0:1-12,1:1-6', row: [2, 1] }), [promoted, other]), reason, 'and something of its own');
  assert.equal(ask(closed(0, { executed: '0:1-12,1:1-5', row: [2, 1] }), [promoted, other]), 'may');
  assert.equal(ask(member(0, { executed: '0:1-12,1:1-6', row: [2, 1] }), [promoted, other]), 'may', 'whether to stop its receiver: it is asked again after that');
});

test('not before the primary is promoted in the current epoch', () => {
  const other = member(2, { executed: SET, row: [2, 1], promise: 2 });
  assert.equal(ask(victim, [primary(1, { executed: SET, row: [2, 1], readOnly: true }), other]), 'mysql-1 is not the promoted primary of the current epoch');
  assert.equal(ask(victim, [promoted, member(2, { executed: SET, row: [3, 2], promise: 3 })]), 'mysql-1 is not the promoted primary of the current epoch');
});

test('not before it was restarted, so that its last binlog is among the hard links', () => {
  assert.equal(ask(victim, [promoted, member(2, { executed: SET, row: [2, 1], promise: 2 })], false), 'mysql-0 must be restarted first, so that its last binlog is kept');
});

test('an empty member has nothing to lose', () => {
  assert.equal(ask(closed(0, { executed: '', row: null, promise: null }), [promoted, gone(2)]), 'may');
});
