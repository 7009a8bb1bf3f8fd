import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GenerationReading, GenerationTable } from './ports.ts';
import { Leases } from './leases.ts';

const TIMES = { usableMs: 700, waitMs: 750 };
const reading = (generation: number, epoch: number, confirmed = true): GenerationReading =>
  ({ row: { generation, target: undefined, owner: '', renewals: 0 }, floor: { epoch, serverUuid: `u${epoch}`, n: 1 }, confirmed });

/** Leases over a table that answers as told, each answer 100 ms after it was asked for. */
function leasesOf(...readings: readonly GenerationReading[]): { readonly leases: Leases; readonly clock: { ms: number } } {
  const clock = { ms: 1000 };
  const left = [...readings];
  const unused = (): Promise<never> => Promise.reject(new Error('not asked for in these tests'));
  const table: GenerationTable = {
    read: () => {
      clock.ms += 100;
      const next = left.shift();
      return next === undefined ? Promise.reject(new Error('no primary')) : Promise.resolve(next);
    },
    change: unused,
    renew: unused,
  };
  return { clock, leases: new Leases(table, { now: () => clock.ms, sleep: unused }, TIMES) };
}

test('a lease counts from before it was asked for', async () => {
  const { leases, clock } = leasesOf(reading(3, 1));
  await leases.renew();
  assert.equal(leases.current()?.startedAt, 1000);
  clock.ms = 1700;
  assert.equal(leases.current(), undefined);
});

test('a primary that is not confirmed gives no lease, but its news count', async () => {
  const { leases } = leasesOf(reading(3, 1, false));
  await leases.renew();
  assert.equal(leases.current(), undefined);
  assert.equal(leases.generations.learnedAt(3), 1100);
});

test('the lease held stays until it ends when no new one comes', async () => {
  const { leases } = leasesOf(reading(3, 1));
  await leases.renew();
  await assert.rejects(leases.renew(), /no primary/);
  assert.equal(leases.current()?.row.generation, 3);
});

test('late news of an earlier generation is ignored', async () => {
  const { leases } = leasesOf(reading(5, 1), reading(4, 1));
  await leases.renew();
  await leases.renew();
  assert.equal(leases.current()?.row.generation, 5);
  assert.equal(leases.lastSeen()?.row.generation, 5);
});

test('after a failover that lost a generation, what was learned of it is forgotten', async () => {
  const { leases } = leasesOf(reading(5, 1), reading(4, 2));
  await leases.renew();
  await leases.renew();
  assert.equal(leases.current()?.row.generation, 4);
  assert.equal(leases.generations.learnedAt(5), undefined);
  assert.equal(leases.generations.learnedAt(4), 1200);
});

test('renewals that meet are one', async () => {
  const { leases } = leasesOf(reading(3, 1), reading(4, 1));
  await Promise.all([leases.renew(), leases.renew()]);
  assert.equal(leases.current()?.row.generation, 3);
});
