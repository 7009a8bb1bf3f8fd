import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Answer } from '../load/client.ts';
import { endOf, invocationOf } from './recorder.ts';

const STAMP = { op: 1, process: 'p', time: 5 };
const CONNECTION = { id: 1, openedMs: 0, localPort: 1, address: 'http://a' };
const whole = (status: number, text = '', headers: object = {}): Answer => ({ kind: 'whole', status, text, headers: headers as Record<string, string>, connection: CONNECTION });

test('an invocation is read off the request', () => {
  const body = { address: 'drill 12', land_size: 3, sold_time: '1974' };
  assert.deepEqual(invocationOf('drill', STAMP, { method: 'POST', path: '/api/property', body, headers: { 'idempotency-key': 'k' } }), { type: 'invoke', ...STAMP, key: 'k', f: 'create', row: '12', value: 3, sold: '1974' });
  assert.deepEqual(invocationOf('drill', STAMP, { method: 'PUT', path: '/api/property/7', body: { ...body, address: 'drill/shared 2' }, headers: { 'if-match': '"x"' } }), { type: 'invoke', ...STAMP, id: 7, ifMatch: '"x"', f: 'replace', row: '/shared 2', value: 3, sold: '1974' });
  assert.deepEqual(invocationOf('drill', STAMP, { method: 'DELETE', path: '/api/property/7' }), { type: 'invoke', ...STAMP, id: 7, f: 'delete' });
  assert.deepEqual(invocationOf('drill', STAMP, { method: 'GET', path: '/api/property/7', headers: { cookie: 'x=y' } }), { type: 'invoke', ...STAMP, id: 7, seen: true, f: 'read' });
  assert.deepEqual(invocationOf('drill', STAMP, { method: 'GET', path: '/api/property?start=20&limit=5' }), { type: 'invoke', ...STAMP, f: 'page', start: 20, limit: 5 });
  assert.deepEqual(invocationOf('drill', STAMP, { method: 'GET', path: '/api/property?limit=5&after=abc' }), { type: 'invoke', ...STAMP, f: 'page', after: 'abc', limit: 5 });
});

test('a write is done, not done, or nobody knows', () => {
  const type = (answer: Answer) => endOf('drill', STAMP, 'replace', answer).type;
  assert.deepEqual([200, 404, 412, 422, 503, 500, 502].map((status) => type(whole(status, '{"id":7}'))), ['ok', 'fail', 'fail', 'fail', 'unknown', 'unknown', 'unknown']);
  assert.equal(type(whole(200, 'half a bo')), 'unknown');
  assert.equal(type({ kind: 'broken', reason: 'ECONNRESET', connection: CONNECTION }), 'unknown');
  assert.equal(type({ kind: 'broken', reason: 'ECONNREFUSED', connection: null }), 'fail');
});

test('a read that is not answered says nothing, and 404 says that nothing is there', () => {
  assert.deepEqual(endOf('drill', STAMP, 'read', whole(404, '{}')), { type: 'ok', ...STAMP, status: 404, rows: [] });
  assert.deepEqual(endOf('drill', STAMP, 'read', { kind: 'broken', reason: 'x', connection: CONNECTION }), { type: 'fail', ...STAMP, why: 'x' });
  assert.deepEqual(endOf('drill', STAMP, 'read', whole(503, '{}')), { type: 'fail', ...STAMP, status: 503 });
});

test('an answer is written down with its rows, its cursor and what it says of its age', () => {
  const text = JSON.stringify([{ id: 7, address: 'drill 12', land_size: 3 }, { id: 8, address: 'drill/shared 2', land_size: 4 }, { id: 9, address: 'drilling 1', land_size: 5 }]);
  const headers = { 'x-freshness': 'edge-cache', link: '</api/property?limit=3&after=abc>; rel="next"' };
  assert.deepEqual(endOf('drill', STAMP, 'page', whole(200, text, headers)), {
    type: 'ok', ...STAMP, status: 200, fresh: 'edge-cache', rows: [[7, '12', 3], [8, '/shared 2', 4], [9, null, 5]], next: 'abc',
  });
});
