import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CLOCK } from '../operator.ts';
import { eventually } from '../testing/cluster.ts';
import type { Api } from './api.ts';
import { LeaseKeeper } from './lease-keeper.ts';
import { cuttableApi, makeNamespace } from './testing/cluster.ts';
import type { TestNamespace } from './testing/cluster.ts';

const LIMIT = { timeout: 60_000 };
let namespace: TestNamespace;

before(async () => {
  namespace = await makeNamespace();
}, LIMIT);
after(async () => {
  await namespace.remove();
}, LIMIT);

interface Candidate {
  readonly keeper: LeaseKeeper;
  acts: boolean;
}

function candidate(name: string, me: string, api: Api = namespace.api): Candidate {
  const state: Candidate = { acts: false, keeper: new LeaseKeeper({ api, path: namespace.paths.leases(), name, me, clock: CLOCK, acts: () => state.acts, taken: () => undefined }) };
  state.keeper.start();
  return state;
}

const held = (...candidates: readonly Candidate[]): string => candidates.map(({ keeper }) => (keeper.held ? 'yes' : 'no')).join();

test('one of two holds it, and who gives it back hands it over at once', LIMIT, async (t) => {
  const [a, b] = [candidate('handed-over', 'a'), candidate('handed-over', 'b')];
  t.after(() => Promise.all([a.keeper.release(), b.keeper.release()]));
  await eventually('a holder', () => a.keeper.held || b.keeper.held);
  const [first, second] = a.keeper.held ? [a, b] : [b, a];
  first.acts = true;
  assert.equal(held(first, second), 'yes,no');
  await eventually('the other to know', () => second.keeper.heldByAnother);
  const from = performance.now();
  await first.keeper.release();
  await eventually('the other to hold it', () => second.keeper.held);
  t.diagnostic(`handed over after ${Math.round(performance.now() - from)} ms`);
});

test('who acts takes a free lease before others do', LIMIT, async (t) => {
  const [a, b] = [candidate('acting', 'a'), candidate('acting', 'b')];
  t.after(() => Promise.all([a.keeper.release(), b.keeper.release()]));
  b.acts = true;
  await eventually('its lease', () => b.keeper.held);
  assert.equal(held(a, b), 'no,yes');
});

test('a holder that is cut off gives it up before another takes it, and only the other may end sessions', LIMIT, async (t) => {
  const door = await cuttableApi();
  const first = candidate('cut-off', 'a', door.api);
  await eventually('the first to hold it', () => first.keeper.held);
  first.acts = true;
  const second = candidate('cut-off', 'b');
  t.after(async () => {
    door.mend();
    await Promise.all([first.keeper.release(), second.keeper.release()]);
    await door.close();
  });
  await eventually('the second to see it', () => second.keeper.heldByAnother);
  door.silence();
  const from = performance.now();
  let bothHeld = false;
  await eventually('the second to hold it', () => {
    bothHeld ||= first.keeper.held && second.keeper.held;
    return second.keeper.held;
  });
  const took = performance.now() - from;
  assert.equal(bothHeld, false);
  assert.ok(took > 2400, `${took} ms`);
  t.diagnostic(`taken after ${Math.round(took)} ms`);
  assert.deepEqual([await first.keeper.mayTakeLocks(), await second.keeper.mayTakeLocks()], [false, true]);
  second.acts = true;
  await eventually('the right to end with the first act', async () => !(await second.keeper.mayTakeLocks()));
});

test('a lease that somebody else changed in between gives no right', LIMIT, async (t) => {
  const only = candidate('changed', 'a');
  t.after(() => only.keeper.release());
  await eventually('the lease', () => only.keeper.held);
  assert.equal(await only.keeper.mayTakeLocks(), true);
  await namespace.api.call({ verb: 'patch', path: namespace.paths.leases('changed'), body: { spec: { holderIdentity: 'b' } } });
  assert.equal(await only.keeper.mayTakeLocks(), false);
  await eventually('the loss to be seen', () => !only.keeper.held);
});
