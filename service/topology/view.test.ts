import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Observation } from './observation.ts';
import { type Known, view } from './view.ts';

const primary = (name: string, epoch: number, answeredAt = 1000): Known => ({
  name, last: { askedAt: answeredAt, answeredAt, serverUuid: `uuid-${name}`, writable: true, epoch: { number: epoch, serverUuid: `uuid-${name}` } },
});
const replica = (name: string, of: string, epoch: number, change: Partial<Observation> = {}): Known => ({
  name,
  last: {
    askedAt: 1000, answeredAt: 1000, serverUuid: `uuid-${name}`, writable: false, epoch: { number: epoch, serverUuid: `uuid-${of}` },
    channel: { sourceUuid: `uuid-${of}`, works: true, silentMs: 400 }, ...change,
  },
});
const silent = (name: string): Known => ({ name });

test('the writable member that its own epoch row names is the primary, its followers are read', () => {
  assert.deepEqual(view([primary('a', 3), replica('b', 'a', 3), replica('c', 'a', 3)], 0, 1000), {
    epoch: 3, primary: 'a', current: true, replicas: ['b', 'c'], lastResort: ['b', 'c'],
  });
});

test('a writable member with a copy of another primary’s epoch row is no primary', () => {
  const copy: Known = { ...primary('b', 3), last: { ...(primary('b', 3).last as Observation), epoch: { number: 3, serverUuid: 'uuid-a' } } };
  assert.equal(view([silent('a'), copy, silent('c')], 0, 1000).primary, undefined);
});

test('of two that think they are the primary the higher epoch wins, whoever is asked first', () => {
  assert.equal(view([primary('a', 3), primary('b', 4), replica('c', 'b', 4)], 0, 1000).primary, 'b');
  assert.equal(view([primary('b', 4), primary('a', 3), replica('c', 'b', 4)], 0, 1000).primary, 'b');
});

test('a lower epoch than the highest ever seen is never gone back to', () => {
  const later = view([primary('a', 3), silent('b'), silent('c')], 4, 1000);
  assert.deepEqual([later.primary, later.epoch], [undefined, 4]);
});

test('a replica that shows a higher epoch deposes the old primary before the new one is seen', () => {
  const seen = view([primary('a', 3), silent('b'), replica('c', 'b', 4)], 3, 1000);
  assert.deepEqual([seen.primary, seen.epoch], [undefined, 4]);
});

test('a primary is current only while enough members answered lately', () => {
  const current = (members: readonly Known[], now: number): boolean => view(members, 0, now).current;
  assert.equal(current([primary('a', 3), replica('b', 'a', 3), silent('c')], 1500), true);
  assert.equal(current([primary('a', 3), silent('b'), silent('c')], 1000), false, 'the primary alone');
  assert.equal(current([primary('a', 3, 1000), replica('b', 'a', 3), silent('c')], 2001), false, 'answers too old');
  assert.equal(current([primary('a', 3, 2000), replica('b', 'a', 3), silent('c')], 2001), false, 'only the primary lately');
});

test('a replica is not read when it follows another, has an error, is of another epoch, or has not heard lately', () => {
  const readable = (change: Partial<Observation>, epoch = 3): readonly string[] => view([primary('a', 3), replica('b', 'a', epoch, change), silent('c')], 0, 1000).replicas;
  assert.deepEqual(readable({}), ['b']);
  assert.deepEqual(readable({ channel: { sourceUuid: 'uuid-c', works: true, silentMs: 0 } }), []);
  assert.deepEqual(readable({ channel: { sourceUuid: 'uuid-a', works: false, silentMs: 0 } }), []);
  assert.deepEqual(readable({ channel: { sourceUuid: 'uuid-a', works: true, silentMs: 2001 } }), []);
  assert.deepEqual(readable({ channel: { sourceUuid: 'uuid-a', works: true } }), []);
  assert.deepEqual(readable({ writable: true }), []);
  assert.deepEqual(readable({}, 2), []);
});

test('without a primary whoever has its epoch row is read, also when it was fenced; an old primary that came back read-only is not', () => {
  const { channel: _none, ...fenced } = replica('b', 'a', 3).last as Observation;
  const back = replica('a', 'x', 3, { epoch: { number: 3, serverUuid: 'uuid-a' } });
  const behind = replica('c', 'a', 2);
  assert.deepEqual(view([back, { name: 'b', last: fenced }, behind], 3, 9000).lastResort, ['b']);
});
