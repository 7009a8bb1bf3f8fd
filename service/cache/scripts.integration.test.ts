import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { array, assert as check, asyncProperty, boolean, constantFrom, integer, nat, oneof, option, record, constant } from 'fast-check';
import type { Arbitrary } from 'fast-check';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { startRedis } from '../../local/testing/redis.ts';
import type { TestRedisCluster } from '../../local/testing/redis.ts';
import { waitFor } from '../../local/testing/wait.ts';
import type { Change, Version } from '../ports.ts';
import { systemClock } from './clock.ts';
import { LOG_ENTRIES } from './change-log.ts';
import type { CacheTarget } from './generation-row.ts';
import type { Known } from './ports.ts';
import { RedisStore } from './redis.ts';
import { begun, logOf, raised } from './testing/log-model.ts';

// The scripts in real Redis do what the model does with which protocol.property.test.ts plays.

const LIMIT = { timeout: 120_000 };
let redis: TestRedisCluster;
let store: RedisStore;
let admin: Redis;

before(async () => {
  redis = await startRedis();
  const { port } = await redis.master();
  admin = new Redis({ port, password: redis.password });
  store = new RedisStore({ address: { sentinels: redis.sentinels, password: redis.password, clientName: 'test' }, ttlS: 60, clock: systemClock, log: pino({ level: 'silent' }) });
  store.start();
  await waitFor('a connection to Redis', () => Promise.resolve(store.health().state === 'healthy'));
}, LIMIT);
after(async () => {
  await (store as RedisStore | undefined)?.stop();
  (admin as Redis | undefined)?.disconnect();
  await redis.stop();
});

const epoch = integer({ min: 1, max: 3 });
const version: Arbitrary<Version> = record({ epoch, n: integer({ min: 1, max: 12 }) }).map((position) => ({ ...position, serverUuid: `u${position.epoch}` }));
const change: Arbitrary<Change> = record({ id: nat(9), from: nat(3), to: nat(3), kind: constantFrom('created', 'moved', 'deleted') })
  .map(({ id, from, to, kind }) => ({ id, ...(kind !== 'created' && { from }), ...(kind !== 'deleted' && { to }) }));

type Step =
  | { readonly kind: 'raise'; readonly version: Version; readonly changes: readonly Change[] | undefined }
  | { readonly kind: 'log'; readonly known: Known; readonly isUpToDate: boolean };

const step: Arbitrary<Step> = oneof(
  { weight: 3, arbitrary: record({ kind: constant('raise' as const), version, changes: option(array(change, { maxLength: 3 }), { nil: undefined, freq: 5 }) }) },
  { weight: 2, arbitrary: record({ kind: constant('log' as const), isUpToDate: boolean(), known: record({ floor: version, settled: option(version, { nil: undefined }), seq: nat(15) }) }) },
);

let nonces = 0;

test('the scripts answer as their model does, whatever comes in whatever order', LIMIT, async () => {
  const seen: Record<string, number> = {};
  await check(asyncProperty(array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
    nonces += 1;
    const target = await turnedOn(`nonce-${nonces}`);
    let state = begun(target.nonce, 0);
    let known = 0;
    for (const one of steps) {
      if (one.kind === 'raise') {
        const [next, answer] = raised(state, target.nonce, one);
        assert.equal(await store.raise(target, one.version, one.changes), answer);
        state = next;
        seen[answer] = (seen[answer] ?? 0) + 1;
      } else {
        const asked = { ...one.known, seq: one.isUpToDate ? known : one.known.seq };
        const [next, answer] = logOf(state, target.nonce, asked);
        assert.deepEqual(await store.log(target, asked), answer);
        state = next;
        known = next.seq;
        seen['log'] = (seen['log'] ?? 0) + 1;
      }
    }
  }), { numRuns: 400, seed: 11 });
  for (const what of ['raised', 'gap', 'log']) assert.ok((seen[what] ?? 0) > 50, JSON.stringify(seen));
});

test('what is logged above a gap is kept up to a bound, also when nobody reads', LIMIT, async () => {
  const target = await turnedOn('gap');
  const at = (n: number): Version => ({ epoch: 1, n, serverUuid: 'u1' });
  await store.raise(target, at(1), []);
  // 2 is never logged.
  for (let n = 3; n < 3 + LOG_ENTRIES; n += 500) {
    await Promise.all(Array.from({ length: 500 }, (_, index) => store.raise(target, at(n + index), [{ id: n + index, to: 0 }])));
  }
  assert.equal(await admin.hlen('holdfast:2:ahead'), LOG_ENTRIES);
  assert.equal(await store.raise(target, at(3 + LOG_ENTRIES), [{ id: 1, from: 0, to: 0 }]), 'gap');
  assert.equal(await store.raise(target, at(3 + LOG_ENTRIES), [{ id: 1, to: 0 }]), 'raised');
  assert.equal(await admin.hlen('holdfast:2:ahead'), 0);
  assert.equal(await admin.llen('holdfast:2:log'), LOG_ENTRIES);
  assert.equal(await store.raise(target, at(4 + LOG_ENTRIES), [{ id: 1, from: 0, to: 0 }]), 'raised', 'the gap is closed');
});

test('another turn-on’s state is lost, and its pages are none', LIMIT, async () => {
  const target = await turnedOn('first');
  assert.equal(await store.begin({ ...target, nonce: 'second' }), false, 'somebody has just begun one');
  const page = { page: 'text', extent: { kind: 'property' as const, id: 7 }, version: { epoch: 1, n: 1, serverUuid: 'u' }, seq: 0 };
  await store.put(target, 'key', page);
  assert.deepEqual(await store.fetch(target, 'key'), page);
  const other = { ...target, nonce: 'second' };
  assert.equal(await store.fetch(other, 'key'), undefined);
  assert.equal(await store.raise(other, page.version, []), 'lost');
  assert.deepEqual(await store.log(other, { floor: page.version, settled: undefined, seq: 0 }), { kind: 'lost' });
  assert.deepEqual([await store.claim(target, 'key'), await store.claim(target, 'key')], [true, false]);
  await store.put(target, 'key', page);
  assert.equal(await store.claim(target, 'key'), true, 'who has made the page claims it no longer');
});

/** An empty state, as if two seconds had gone since the last one. */
async function turnedOn(nonce: string): Promise<CacheTarget> {
  const health = store.health();
  if (health.state !== 'healthy') throw new Error('Redis is not reached');
  const target = { replicationId: health.replicationId, nonce };
  await admin.del('holdfast:2:claim');
  assert.equal(await store.begin(target), true);
  return target;
}
