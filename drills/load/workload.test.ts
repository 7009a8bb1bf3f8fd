import assert from 'node:assert/strict';
import { test } from 'node:test';
import { propertyOf, rowOf, viewOf, Workload } from './workload.ts';

test('an address gives its row back, and only ours', () => {
  assert.deepEqual([rowOf('drill a', 'drill a 12'), rowOf('drill a', 'drill a 012'), rowOf('drill a', 'drill ab 1'), rowOf('drill a', 'drill a ')], [12, null, null, null]);
});

test('a later row was sold earlier, so that it sorts before the ones before it', () => {
  assert.deepEqual(propertyOf('drill', 2, 3), {
    address: 'drill 2', suburb_name: 'Drill', property_type: 'House', land_size: 3, price: 100_002, sold_time: '1974-12-31T23:59:58+00:00',
  });
});

test('every second creation carries a key of its own', () => {
  const workload = new Workload('drill', () => 0.99);
  const keys = [1, 2, 3].map(() => workload.nextWrite('writer-0').question.headers);
  assert.deepEqual(keys, [{}, { 'idempotency-key': 'drill-writer-0-2' }, {}]);
});

test('a row is changed by its writer alone, one version at a time, and is left alone after an unclear answer', () => {
  const workload = new Workload('drill', () => 0.2);
  const created = workload.nextWrite('writer-0');
  workload.acknowledged('writer-0', created, 7, null);
  assert.equal(workload.nextWrite('writer-1').kind, 'create');
  const replaced = workload.nextWrite('writer-0');
  assert.deepEqual([replaced.kind, replaced.question.path, replaced.change], ['replace', '/api/property/7', { row: 1, version: 2, id: 7 }]);
  assert.equal(workload.nextWrite('writer-0').kind, 'create');
  workload.acknowledged('writer-0', replaced, 7, null);
  assert.deepEqual(workload.nextWrite('writer-0').change, { row: 1, version: 3, id: 7 });
});

test('a deleted row is not asked for again', () => {
  const workload = new Workload('drill', () => 0.01);
  const created = workload.nextWrite('writer-0');
  workload.acknowledged('writer-0', created, 7, 'holdfast_seen=x');
  const read = workload.nextRead();
  assert.deepEqual([read.kind, read.question], ['read', { method: 'GET', path: '/api/property/7', headers: { cookie: 'holdfast_seen=x' } }]);
  assert.equal(workload.nextWrite('writer-0').kind, 'delete');
  assert.equal(workload.nextRead().kind, 'list');
});

test('a view holds our rows, and counts all', () => {
  const task = { kind: 'list', question: { method: 'GET', path: '/' }, change: null, asked: null, limit: 5 } as const;
  const body = [{ address: 'drill 3', land_size: 2 }, { address: 'Elsewhere 1', land_size: 400 }];
  assert.deepEqual(viewOf('drill', task, body, true), { sights: [{ row: 3, version: 2 }], asked: null, limit: 5, length: 2, marked: true });
});
