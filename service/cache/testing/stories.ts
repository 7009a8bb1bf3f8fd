import { array, constant, constantFrom, integer, oneof, option, record, tuple } from 'fast-check';
import type { Arbitrary } from 'fast-check';
import { PROCESSES } from './world.ts';
import type { Happening, Story } from './world.ts';

const process = constantFrom(...PROCESSES);
const ms = (most: number): Arbitrary<number> => integer({ min: 1, max: most });

const trouble: Arbitrary<Happening> = oneof(
  record({ kind: constant('freeze' as const), process, ms: ms(3000) }),
  record({ kind: constant('redis cut off' as const), process, ms: ms(3000) }),
  record({ kind: constant('redis failover' as const), old: constantFrom('deposed' as const, 'demoted' as const) }),
  record({ kind: constant('redis failover and back' as const), ms: ms(100) }),
  record({ kind: constant('redis flush' as const) }),
  record({ kind: constant('redis hangs' as const), ms: ms(2000) }),
  record({ kind: constant('mysql cut off' as const), process, ms: ms(2000) }),
  record({ kind: constant('mysql slow' as const), process, ms: ms(2500), delayMs: ms(300) }),
  record({ kind: constant('mysql failover' as const), noticedAfterMs: tuple(ms(200), ms(200), ms(4000)) }),
);

const request: Arbitrary<Happening> = record({ kind: constantFrom('write' as const, 'read' as const, 'read' as const), process });
const LENGTH_MS = 5000;

/** Requests all the time, a few troubles, and more requests close to each of those. */
export const stories = (): Arbitrary<Story> =>
  record({
    seed: integer(),
    traffic: array(record({ atMs: ms(LENGTH_MS), what: request }), { minLength: 60, maxLength: 80 }),
    troubles: array(
      record({ atMs: ms(LENGTH_MS), what: trouble, closely: array(record({ afterMs: integer({ min: -50, max: 300 }), what: request }), { minLength: 30, maxLength: 50 }) }),
      { minLength: 1, maxLength: 5 },
    ),
  }).map(({ seed, traffic, troubles }) => ({ seed, happenings: [...traffic, ...troubles.flatMap(around)].toSorted((a, b) => a.atMs - b.atMs) }));

/** The cache goes off and on again, while one process is slow to hear of it. */
export const turnOnStories = (): Arbitrary<Story> =>
  record({
    seed: integer(),
    start: oneof(
      record({ kind: constant('redis failover' as const), old: constant('deposed' as const) }),
      record({ kind: constant('redis flush' as const) }),
      record({ kind: constant('redis cut off' as const), process: constant('web-0' as const), ms: ms(200) }),
    ),
    late: oneof(
      record({ kind: constant('mysql slow' as const), process: constant('web-2' as const), ms: constant(3000), delayMs: ms(600) }),
      record({ kind: constant('mysql cut off' as const), process: constant('web-2' as const), ms: ms(2000) }),
    ),
    lateAtMs: ms(1200),
    writes: array(record({ atMs: ms(3000), what: record({ kind: constant('write' as const), process: constantFrom('web-0' as const, 'web-1' as const) }) }), { minLength: 5, maxLength: 100 }),
    reads: array(record({ atMs: ms(3000), what: record({ kind: constant('read' as const), process }) }), { minLength: 100, maxLength: 200 }),
  }).map(({ seed, start, late, lateAtMs, writes, reads }) => ({
    seed,
    happenings: [...writes, ...reads, { atMs: 300, what: start }, { atMs: lateAtMs, what: late }].toSorted((a, b) => a.atMs - b.atMs),
  }));

/** Redis fails over, one process stays with the old master and hears nothing from MySQL, the others go on. */
export const splitStories = (): Arbitrary<Story> =>
  record({ seed: integer(), cutAtMs: integer({ min: 300, max: 330 }), writeAtMs: integer({ min: 310, max: 350 }) }).map(({ seed, cutAtMs, writeAtMs }) => ({
    seed,
    happenings: [
      { atMs: 0, what: { kind: 'write', process: 'web-2' } },
      ...every(20, [20, 300], { kind: 'read', process: 'web-2' }),
      { atMs: 300, what: { kind: 'redis failover', old: 'deposed' } },
      { atMs: cutAtMs, what: { kind: 'mysql cut off', process: 'web-2', ms: 2000 } },
      { atMs: writeAtMs, what: { kind: 'write', process: 'web-0' } },
      ...every(10, [400, 1300], { kind: 'read', process: 'web-2' }),
      ...every(20, [405, 1300], { kind: 'write', process: 'web-0' }),
      ...every(20, [415, 1300], { kind: 'write', process: 'web-1' }),
    ],
  }));

/** Redis loses its state; writes go on while the cache is off and end about when it is turned on; one process slowly takes its new lease meanwhile. */
export const handoverStories = (): Arbitrary<Story> =>
  record({ seed: integer(), lastWriteAtMs: integer({ min: 1000, max: 1350 }), delayMs: integer({ min: 100, max: 400 }) }).map(({ seed, lastWriteAtMs, delayMs }) => ({
    seed,
    happenings: [
      { atMs: 300, what: { kind: 'redis flush' } },
      { atMs: 310, what: { kind: 'write', process: 'web-0' } },
      { atMs: 700, what: { kind: 'mysql slow', process: 'web-2', ms: 1500, delayMs } },
      ...every(10, [900, lastWriteAtMs], { kind: 'write', process: 'web-0' }),
      ...every(8, [1050, 1900], { kind: 'read', process: 'web-2' }),
      ...every(40, [2000, 4000], { kind: 'read', process: 'web-1' }),
      ...every(200, [2000, 4000], { kind: 'write', process: 'web-1' }),
    ],
  }));

/** Nothing is broken; many write the same few properties at once, so that their entries come to Redis in another order than they were committed. */
export const crowdStories = (): Arbitrary<Story> =>
  record({
    seed: integer(),
    writes: array(record({ atMs: ms(400), what: record({ kind: constant('write' as const), process }) }), { minLength: 60, maxLength: 200 }),
    reads: array(record({ atMs: ms(500), what: record({ kind: constant('read' as const), process }) }), { minLength: 150, maxLength: 300 }),
    failoverAtMs: option(ms(400), { freq: 4 }),
  }).map(({ seed, writes, reads, failoverAtMs }) => ({
    seed,
    happenings: [
      ...writes, ...reads,
      ...(failoverAtMs === null ? [] : [{ atMs: failoverAtMs, what: { kind: 'mysql failover' as const, noticedAfterMs: [10, 30, 90] } }]),
    ].toSorted((a, b) => a.atMs - b.atMs),
  }));

/** A process is frozen after its commits, and logs them when the next epoch's first write is logged already. */
export const lateEpochStories = (): Arbitrary<Story> =>
  record({ seed: integer(), frozenAtMs: integer({ min: 301, max: 306 }), ms: integer({ min: 250, max: 400 }) }).map(({ seed, frozenAtMs, ms: frozenMs }) => ({
    seed,
    happenings: [
      ...every(40, [0, 290], { kind: 'write', process: 'web-1' }),
      ...every(1, [298, 303], { kind: 'write', process: 'web-0' }),
      { atMs: frozenAtMs, what: { kind: 'freeze', process: 'web-0', ms: frozenMs } },
      { atMs: 310, what: { kind: 'mysql failover', noticedAfterMs: [20, 20, 20] } },
      ...every(20, [450, 1200], { kind: 'write', process: 'web-2' }),
      ...every(4, [200, 1300], { kind: 'read', process: 'web-1' }),
    ],
  }));

const every = (stepMs: number, [from, to]: readonly [number, number], what: Happening): Story['happenings'] =>
  Array.from({ length: Math.ceil((to - from) / stepMs) }, (_, index) => ({ atMs: from + index * stepMs, what }));

interface Trouble {
  readonly atMs: number;
  readonly what: Happening;
  readonly closely: readonly { readonly afterMs: number; readonly what: Happening }[];
}

const around = ({ atMs, what, closely }: Trouble): Story['happenings'] => [{ atMs, what }, ...closely.map((near) => ({ atMs: Math.max(0, atMs + near.afterMs), what: near.what }))];
