import assert from 'node:assert/strict';
import { test } from 'node:test';
import { orderFrom } from './order.ts';

test('an order names its path and what goes with it', () => {
  assert.deepEqual(orderFrom(['status']), { method: 'GET', path: '/status' });
  assert.deepEqual(orderFrom(['switchover']), { method: 'POST', path: '/switchover', body: {} });
  assert.deepEqual(orderFrom(['switchover', 'mysql-1']), { method: 'POST', path: '/switchover', body: { to: 'mysql-1' } });
  assert.deepEqual(orderFrom(['failover']), { method: 'POST', path: '/failover' });
  assert.deepEqual(orderFrom(['failover', '--accept-loss', 'p1']), { method: 'POST', path: '/failover', body: { plan: 'p1' } });
});

test('what makes no sense is no order', () => {
  assert.deepEqual([[], ['reboot'], ['pause', 'mysql-1'], ['switchover', 'a', 'b'], ['pause', '--accept-loss', 'p1'], ['status', '--bogus'], ['failover', '--accept-loss']].map((args) => orderFrom(args)), [undefined, undefined, undefined, undefined, undefined, undefined, undefined]);
});
