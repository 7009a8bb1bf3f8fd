import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseGtidSet } from '../../common/gtid.ts';
import { Stuck, type Reach } from './stuck.ts';

const UUID = '3e11fa47-71ca-11e1-9e33-c80aa9429562';
const [TEN, ELEVEN] = [parseGtidSet(`${UUID}:1-10`), parseGtidSet(`${UUID}:1-11`)];
const reach = (now: number, more: Partial<Reach> = {}): Reach => ({ primary: 'mysql-0', answeredAt: 0, hungAt: more.answeredAt ?? 0, openedAt: now - 500, received: [TEN, TEN], now, ...more });

/** What is said at the last of several looks. */
function lastOf(...looks: readonly Reach[]): number | undefined {
  const stuck = new Stuck();
  return looks.map((one) => stuck.look(one)).at(-1);
}

test('a primary that lets the operator in, tells it nothing and feeds nobody is stuck since it last did either', () => {
  assert.equal(lastOf(reach(0, { openedAt: undefined }), reach(4000)), 4000);
  assert.equal(lastOf(reach(0, { openedAt: undefined }), reach(4000, { answeredAt: 1000 })), 3000);
  assert.equal(lastOf(reach(0), reach(2500, { received: [TEN, ELEVEN] }), reach(4000, { received: [TEN, ELEVEN] })), 1500);
});

test('commits that hung in its last status have hung since then', () => {
  assert.equal(lastOf(reach(0), reach(4000, { answeredAt: 2000, hungAt: 700 })), 3300);
});

test('who lets nobody in may be out of reach for the operator alone', () => {
  assert.equal(lastOf(reach(0), reach(4000, { openedAt: undefined })), 0);
  assert.equal(lastOf(reach(0), reach(4000, { openedAt: 1000 })), 0);
});

test('a login that was answered with a status is none that was left without', () => {
  assert.equal(lastOf(reach(0), reach(4000, { openedAt: 2000, answeredAt: 2001 })), 0);
});

test('another primary begins anew', () => {
  assert.equal(lastOf(reach(0), reach(4000, { primary: 'mysql-1' })), 0);
});
