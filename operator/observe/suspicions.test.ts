import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gtids, uuidOf } from '../decide/fixtures.ts';
import { Suspicions } from './suspicions.ts';

/** A look at mysql-1: what it had, when it said so, what the primary had and when that was asked. */
const look = (executed: string, answeredAt: number, of: { readonly has: string; readonly askedAt: number; readonly now: number; readonly primary?: number }): Parameters<Suspicions['look']>[1] =>
  ({ executed: gtids(executed), answeredAt, primary: { uuid: uuidOf(of.primary ?? 0), executed: gtids(of.has), askedAt: of.askedAt }, now: of.now });

test('transactions that the primary, asked later, still lacks are strange from then on', () => {
  const suspicions = new Suspicions();
  assert.equal(suspicions.look('mysql-1', look('0:1-5,1:1', 100, { has: '0:1-5', askedAt: 90, now: 110 })), 0);
  assert.equal(suspicions.look('mysql-1', look('0:1-5,1:1', 100, { has: '0:1-5', askedAt: 90, now: 150 })), 0);
  assert.equal(suspicions.look('mysql-1', look('0:1-9,1:1', 300, { has: '0:1-9', askedAt: 310, now: 320 })), 0);
  assert.equal(suspicions.look('mysql-1', look('0:1-9,1:1', 600, { has: '0:1-9', askedAt: 610, now: 1500 })), 1180);
});

test('a replica that shows a commit before its primary does is not strange once the primary shows it too', () => {
  const suspicions = new Suspicions();
  suspicions.look('mysql-1', look('0:1-6', 100, { has: '0:1-5', askedAt: 90, now: 110 }));
  assert.equal(suspicions.look('mysql-1', look('0:1-6', 100, { has: '0:1-5', askedAt: 105, now: 120 })), 0);
  assert.equal(suspicions.look('mysql-1', look('0:1-6', 100, { has: '0:1-6', askedAt: 2000, now: 2001 })), 0);
});

test('what was suspected beside one primary says nothing beside the next', () => {
  const suspicions = new Suspicions();
  suspicions.look('mysql-1', look('0:1-6', 100, { has: '0:1-5', askedAt: 90, now: 110 }));
  suspicions.look('mysql-1', look('0:1-6', 100, { has: '0:1-5', askedAt: 105, now: 120 }));
  assert.equal(suspicions.look('mysql-1', look('0:1-6', 1900, { has: '0:1-5', askedAt: 1905, now: 2000, primary: 2 })), 0);
});
