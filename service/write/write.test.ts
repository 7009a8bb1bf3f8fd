import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PropertyValues } from '../api/property.ts';
import { classify } from '../mysql/errors.ts';
import { DeadlineError } from '../mysql/limit.ts';
import { toBatch, toPacket } from './command.ts';
import { HandBack, Hold, Overdue } from './hold.ts';
import { bodyHash, keyHash } from './key.ts';
import { readOutcome, readOutcomes } from './outcome.ts';

const VALUES: PropertyValues = { address: 'x', suburb_name: null, property_type: null, bedrooms: 1, bathrooms: null, carparks: null, land_size: null, price: 1.5, sold_time: null, link: null };
const REQUEST = { kind: 'client', method: 'POST', path: '/api/property', key: 'abc' } as const;

test('a write is one packet whose last statement belongs to it', () => {
  const { sql, values } = toPacket({ kind: 'create', values: VALUES }, Buffer.alloc(32), Buffer.alloc(32));
  assert.equal(sql, 'CALL create_property_v1(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?); DO 0');
  assert.deepEqual(values.slice(2), ['x', null, null, 1, null, null, null, 1.5, null, null]);
  assert.deepEqual(toPacket({ kind: 'delete', id: 7, preconditions: { ifMatch: ['AB', 'CD'] } }, Buffer.alloc(32), Buffer.alloc(32)).values.slice(2), [7, 'AB,CD', null]);
  assert.equal(toPacket({ kind: 'replace', id: 7, values: VALUES, preconditions: { ifNoneMatch: '*' } }, Buffer.alloc(32), Buffer.alloc(32)).values.length, 15);
});

test('key-theft: kind, method, path and the case of a key tell requests apart', () => {
  const hashes = [
    keyHash(REQUEST), keyHash({ ...REQUEST, kind: 'edge' }), keyHash({ ...REQUEST, kind: 'own' }), keyHash({ ...REQUEST, method: 'PUT' }), keyHash({ ...REQUEST, path: '/api/property/1' }),
    keyHash({ ...REQUEST, key: 'ABC' }), keyHash({ ...REQUEST, key: 'abc ' }), keyHash({ ...REQUEST, path: '/api/propertyabc', key: '' }),
  ].map((hash) => hash.toString('hex'));
  assert.equal(new Set(hashes).size, 8);
  assert.equal(keyHash(REQUEST).length, 32);
});

test('the body’s hash is of what is asked, preconditions included', () => {
  const hash = (...command: Parameters<typeof bodyHash>): string => bodyHash(...command).toString('hex');
  assert.equal(hash({ kind: 'create', values: VALUES }), hash({ kind: 'create', values: { ...VALUES } }));
  assert.notEqual(hash({ kind: 'create', values: VALUES }), hash({ kind: 'create', values: { ...VALUES, price: 1.51 } }));
  assert.notEqual(hash({ kind: 'replace', id: 1, values: VALUES, preconditions: {} }), hash({ kind: 'replace', id: 1, values: VALUES, preconditions: { ifMatch: '*' } }));
  assert.notEqual(hash({ kind: 'delete', id: 1, preconditions: {} }), hash({ kind: 'delete', id: 1, preconditions: { ifMatch: [] } }));
});

test('a batch is one packet of creations, bytes and numbers as text; nothing else may be in one', () => {
  const create = toPacket({ kind: 'create', values: { ...VALUES, address: 'it\u2019s "x"' } }, Buffer.alloc(32, 1), Buffer.alloc(32, 0xab));
  const { sql, values } = toBatch([create, create]);
  assert.equal(sql, 'CALL create_properties_v1(?); DO 0');
  assert.deepEqual(JSON.parse(String(values[0])), Array.from({ length: 2 }, () => ['01'.repeat(32), 'ab'.repeat(32), 'it\u2019s "x"', null, null, '1', null, null, null, '1.5', null, null]));
  assert.equal(create.isShareable, true);
  assert.equal(toPacket({ kind: 'delete', id: 7, preconditions: {} }, Buffer.alloc(32), Buffer.alloc(32)).isShareable, undefined);
  assert.equal(toPacket({ kind: 'replace', id: 7, values: VALUES, preconditions: {} }, Buffer.alloc(32), Buffer.alloc(32)).isShareable, undefined);
});

test('a batch’s answers are told apart by their place, whatever their order', () => {
  const primary = { epoch: 3, serverUuid: 'u-u', pool: { member: { name: 'mysql-0', host: 'h', port: 1, adminPort: 2 }, run: () => Promise.reject(new Error('unused')) } };
  const commit = { status: null, id: null, etag: null, replay: 0, epoch: 4, generation: 5, redisRunId: 'off' };
  const outcome = { version: { epoch: 4, serverUuid: 'u-u', n: 42 }, cacheGeneration: 5, redisRunId: 'off', changes: undefined };
  const create = { kind: 'create', soldTime: '2016-05-07 00:00:00' } as const;
  const results = (text: string): Parameters<typeof readOutcomes>[0] => ({ sets: [[commit], [{ results: text }]], affectedRows: 0, gtid: 'u-u:42' });
  assert.deepEqual(readOutcomes(results('[[3,201,9,"AB",1],[1,201,7,"CD",0],[2,422,null,null,1]]'), primary, [create, create, create]), [
    { status: 201, id: 7, etag: 'CD', replay: false, outcome }, { status: 422, replay: true, outcome }, { status: 201, id: 9, etag: 'AB', replay: true, outcome },
  ]);
  const changes = [{ id: 7, to: 20160507000000 }, { id: 8, to: 0 }];
  assert.deepEqual(readOutcomes(results('[[2,201,8,"AB",0],[1,201,7,"CD",0]]'), primary, [create, { ...create, soldTime: null }]).map((written) => written.outcome.changes), [changes, changes], 'each has what all have changed');
  assert.throws(() => readOutcomes(results('[[1,201,7,"CD",0]]'), primary, [create, create]), /did not answer write 2 of 2/);
  assert.throws(() => readOutcomes({ ...results('[]'), sets: [[commit]] }, primary, [create]), /did not answer write 1 of 1/);
});

test('the procedures’ answer is read with the GTID that was committed', () => {
  const primary = { epoch: 3, serverUuid: 'u-u', pool: { member: { name: 'mysql-0', host: 'h', port: 1, adminPort: 2 }, run: () => Promise.reject(new Error('unused')) } };
  const create = { kind: 'create', soldTime: null } as const;
  const row = { status: 201, id: 7, etag: 'AB', replay: 1, epoch: 4, generation: 5, redisRunId: 'off' };
  assert.deepEqual(readOutcome({ sets: [[row]], affectedRows: 0, gtid: 'u-u:42' }, primary, create), {
    status: 201, id: 7, etag: 'AB', replay: true, outcome: { version: { epoch: 4, serverUuid: 'u-u', n: 42 }, cacheGeneration: 5, redisRunId: 'off', changes: undefined },
  });
  assert.throws(() => readOutcome({ sets: [[row]], affectedRows: 0 }, primary, create), /gave no GTID/);
  assert.throws(() => readOutcome({ sets: [], affectedRows: 0, gtid: 'u-u:42' }, primary, create), /gave no row/);
});

test('what a write changed is known only where it was this one that changed it', () => {
  const primary = { epoch: 3, serverUuid: 'u-u', pool: { member: { name: 'mysql-0', host: 'h', port: 1, adminPort: 2 }, run: () => Promise.reject(new Error('unused')) } };
  const answer = { id: 7, etag: null, replay: 0, epoch: 4, generation: 5, redisRunId: 'off' };
  const changes = (packet: Parameters<typeof readOutcome>[2], row: object, was?: string | null): unknown =>
    readOutcome({ sets: [...(was === undefined ? [] : [[{ was }]]), [{ ...answer, ...row }]], affectedRows: 0, gtid: 'u-u:42' }, primary, packet).outcome.changes;
  const replace = { kind: 'replace', soldTime: '2016-05-07 01:02:03' } as const;
  assert.deepEqual(changes({ kind: 'create', soldTime: null }, { status: 201 }), [{ id: 7, to: 0 }]);
  assert.deepEqual(changes(replace, { status: 200 }, '2015-01-01 00:00:00'), [{ id: 7, from: 20150101000000, to: 20160507010203 }]);
  assert.deepEqual(changes(replace, { status: 200 }, null), [{ id: 7, from: 0, to: 20160507010203 }]);
  assert.deepEqual(changes({ kind: 'delete' }, { status: 204 }, '2015-01-01 00:00:00'), [{ id: 7, from: 20150101000000 }]);
  for (const [row, was] of [[{ status: 200, replay: 1 }, null], [{ status: 404 }, undefined], [{ status: 412 }, undefined], [{ status: 200 }, undefined]] as const) assert.equal(changes(replace, row, was), undefined);
});

const holdFor = (limits: { deadlineMs: number; againMs?: number }): Hold => new Hold({ ...limits, signal: new AbortController().signal });

test('a write goes back to the edge after a while, and is overdue at its deadline', async () => {
  using back = holdFor({ deadlineMs: 10_000, againMs: 20 });
  using overdue = holdFor({ deadlineMs: 20 });
  using lastLeg = holdFor({ deadlineMs: 25, againMs: 20 });
  using late = holdFor({ deadlineMs: -5, againMs: 20 });
  await sleep(60);
  assert.ok(back.signal.reason instanceof HandBack);
  assert.ok(overdue.signal.reason instanceof Overdue);
  assert.ok(lastLeg.signal.reason instanceof Overdue, 'so close to the deadline no other process is asked');
  assert.ok(late.signal.reason instanceof Overdue);
});

test('a stopping process hands back what came from the edge, and goes on with the rest', async () => {
  using edge = holdFor({ deadlineMs: 10_000, againMs: 5000 });
  using direct = holdFor({ deadlineMs: 10_000 });
  edge.handBack();
  direct.handBack();
  assert.ok(edge.signal.reason instanceof HandBack);
  assert.equal(direct.signal.aborted, false);
  await assert.rejects(edge.pause(1), HandBack);
  await direct.pause(1);
});

test('errors are read for what they say about the member', () => {
  const error = (fields: object): Error => Object.assign(new Error('x'), fields);
  const kinds = (numbers: readonly number[]): readonly string[] => numbers.map((errno) => classify(error({ errno, code: 'ER' })));
  assert.deepEqual(kinds([1205, 1213, 1644]), ['contended', 'contended', 'contended']);
  assert.deepEqual(kinds([1053, 1290, 1836, 3032, 1792, 3101, 1040]), Array.from({ length: 7 }, () => 'leaving'));
  assert.deepEqual(kinds([1305, 1146, 1049]), ['unready', 'unready', 'unready']);
  assert.deepEqual(kinds([1064, 1406]), ['unexpected', 'unexpected']);
  assert.equal(classify(error({ code: 'PROTOCOL_CONNECTION_LOST', fatal: true })), 'leaving');
  assert.equal(classify(error({ code: 'ECONNREFUSED', errno: -111 })), 'leaving');
  assert.equal(classify(new DeadlineError('A statement', 10)), 'leaving');
  assert.equal(classify('nonsense'), 'unexpected');
});
