import assert from 'node:assert/strict';
import { test } from 'node:test';
import { elect } from './elect.ts';
import { fenced } from './fixtures.ts';

const winner = (...args: Parameters<typeof elect>): string => {
  const election = elect(...args);
  return election.kind === 'elected' ? election.member : `${election.kind}: ${election.reason}`;
};

test('the member that has applied all that anybody has is promoted at once, though others still apply', () => {
  assert.equal(winner([fenced(1, { executed: '0:1-10', received: '0:1-12' }), fenced(2, { executed: '0:1-12', received: '0:1-12' })]), 'mysql-2');
});

test('while nobody has applied all that was received, the election waits', () => {
  const election = elect([fenced(1, { executed: '0:1-10', received: '0:1-12' }), fenced(2, { executed: '0:1-11', received: '0:1-12' })]);
  assert.deepEqual(election, { kind: 'wait', members: ['mysql-1', 'mysql-2'], reason: 'mysql-1 has 2 received transactions left to apply, mysql-2 has 1 received transactions left to apply' });
});

test('purged-by-repoint, recovered-away: what only a relay log holds counts, and is waited for', () => {
  const election = elect([fenced(1, { executed: '0:1-10', received: '0:5-11' }), fenced(2, { executed: '0:1-10' })]);
  assert.equal(election.kind === 'wait' && election.members.join(), 'mysql-1');
});

test('incomparable: the highest epoch row wins over an old primary with transactions of its own', () => {
  const old = fenced(0, { executed: '0:1-11', row: [1, 0], promise: 2 });
  const acknowledged = fenced(2, { executed: '0:1-10,1:1-3', row: [2, 1], promise: 2 });
  assert.equal(winner([old, acknowledged]), 'mysql-2');
});

test('incomparable: neither does the bigger set win, nor the one that is merely first', () => {
  const old = fenced(0, { executed: '0:1-99', row: [1, 0] });
  assert.equal(winner([old, fenced(2, { executed: '0:1-10,1:1', row: [2, 1] })]), 'mysql-2');
});

test('an epoch row that still lies in a relay log is applied before epochs are compared', () => {
  const old = fenced(0, { executed: '0:1-11', row: [1, 0] });
  const behind = fenced(2, { executed: '0:1-10', received: '1:1-3', row: [1, 0] });
  assert.equal(elect([old, behind]).kind, 'wait');
});

test('two members of one number of which each has what the other lacks, and an epoch row of another, are refused, with the difference', () => {
  const election = elect([fenced(1, { executed: '0:1-10,1:5', row: [2, 1] }), fenced(2, { executed: '0:1-10,2:7', row: [2, 2] })]);
  assert.equal(election.kind, 'refused');
  assert.match(election.reason, /mysql-1 alone has 00000000-0000-0000-0000-000000000001:5, mysql-2 alone 00000000-0000-0000-0000-000000000002:7/);
});

test('received transactions that cannot be applied, and that nobody else has, are not given up', () => {
  const election = elect([fenced(1, { executed: '0:1-10', received: '0:11', applier: { running: false, error: 'Duplicate entry' } }), fenced(2, { executed: '0:1-10' })]);
  assert.deepEqual(election, {
    kind: 'refused',
    reason: 'mysql-1 has received transactions that it cannot apply (Duplicate entry)',
    remedy: 'Start the last primary again with the data that it had, or mend what the applier says.',
  });
});

test('a broken applier is no hindrance when another member has applied the same', () => {
  assert.equal(winner([fenced(1, { executed: '0:1-10', received: '0:11', applier: { running: false, error: 'Duplicate entry' } }), fenced(2, { executed: '0:1-11' })]), 'mysql-2');
});

test('a member that has made no progress for long is not waited for', () => {
  assert.equal(elect([fenced(1, { received: '0:11' }), fenced(2)], { stuck: ['mysql-1'] }).kind, 'refused');
});

test('purged-needed: among equals the one whose binlogs reach back to what the others lack', () => {
  const cloned = fenced(1, { executed: '0:1-10', purged: '0:1-9' });
  const lagging = fenced(2, { executed: '0:1-10' });
  const behind = fenced(3, { executed: '0:1-5' });
  assert.equal(winner([cloned, lagging, behind]), 'mysql-2');
});

test('among equals the one that was half promoted already, unless a person prefers another', () => {
  assert.equal(winner([fenced(1), fenced(2, { superReadOnly: false })]), 'mysql-2');
  assert.equal(winner([fenced(1), fenced(2, { superReadOnly: false })], { prefer: 'mysql-1' }), 'mysql-1');
});

test('a member that does not count is never promoted', () => {
  assert.equal(winner([fenced(1, { promise: -2 }), fenced(2)]), 'mysql-2');
  assert.equal(winner([fenced(1, { unsafe: ['sync_binlog must be 1'] }), fenced(2)]), 'mysql-2');
});

test('errant-follower: a deposed primary that follows closed has the epoch row and a transaction of its own; the others are not refused for it', () => {
  const writer = fenced(1, { executed: '0:1-10,1:1-4', row: [2, 1] });
  const replica = fenced(2, { executed: '0:1-10,1:1-4', row: [2, 1] });
  const errant = fenced(0, { executed: '0:1-11,1:1-2', received: '1:3-4', row: [2, 1], applier: { running: false, error: 'Duplicate entry' } });
  assert.equal(winner([errant, replica, writer]), 'mysql-2');
  assert.equal(winner([errant, writer]), 'mysql-1');
});

test('errant-follower: whoever has more of the primary’s own transactions is promoted before whoever has none of its own', () => {
  const errant = fenced(0, { executed: '0:1-11,1:1-4', row: [2, 1] });
  const behind = fenced(2, { executed: '0:1-10,1:1-3', row: [2, 1] });
  assert.equal(winner([errant, behind]), 'mysql-0');
});

test('errant-follower: of two that each have a transaction of their own, and one that has none, it is that one', () => {
  const errants = [fenced(0, { executed: '0:1-11,1:1-4', row: [2, 1] }), fenced(3, { executed: '0:1-10,1:1-4,3:1', row: [2, 1] })];
  assert.equal(winner([...errants, fenced(2, { executed: '0:1-10,1:1-4', row: [2, 1] })]), 'mysql-2');
});

test('errant-follower: what only a broken applier has received of the primary’s own is not given up', () => {
  const errant = fenced(0, { executed: '0:1-11,1:1-2', received: '1:3-5', row: [2, 1], applier: { running: false, error: 'Duplicate entry' } });
  const election = elect([errant, fenced(2, { executed: '0:1-10,1:1-4', row: [2, 1] })]);
  assert.equal(election.kind, 'refused');
});
