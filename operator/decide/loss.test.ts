import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closed, fenced, gone, gtids, member } from './fixtures.ts';
import { planLoss } from './loss.ts';

test('the transactions that would be lost are named, as far as anybody has ever shown them', () => {
  const plan = planLoss([gone(0, { executed: '0:1-14' }), member(1, { executed: '0:1-12' }), gone(2, { row: null, executed: '0:1-13' })]);
  assert.deepEqual([plan?.member, plan?.lost, plan?.away], ['mysql-1', gtids('0:13-14'), ['mysql-0', 'mysql-2']]);
  assert.match(plan?.text ?? '', /^mysql-1 would become the primary. 2 transactions that others have or had would be lost: 00000000-0000-0000-0000-000000000000:13-14. Whatever mysql-0 and mysql-2 took/);
});

test('the highest epoch comes before the biggest set', () => {
  assert.equal(planLoss([closed(0, { executed: '0:1-99', row: [1, 0] }), closed(1, { executed: '0:1-10,1:1', row: [2, 1] })])?.member, 'mysql-1');
});

test('of one epoch, the most transactions, received ones too', () => {
  assert.equal(planLoss([fenced(1, { executed: '0:1-10' }), fenced(2, { executed: '0:1-9', received: '0:10-12' })])?.member, 'mysql-2');
});

test('an empty member is never promoted', () => {
  assert.equal(planLoss([closed(1, { executed: '', row: null })]), undefined);
});

test('the plan changes with whoever comes back', () => {
  const before = planLoss([gone(0), member(1), gone(2, { row: null })]);
  const after = planLoss([gone(0), member(1), member(2)]);
  assert.notEqual(before?.id, after?.id);
});
