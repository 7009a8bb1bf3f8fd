import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Rounds, SingleFlight } from './flights.ts';

/** Runs that end when told, and how many began. */
function runs(): { readonly run: () => Promise<number>; readonly end: (index: number) => void; readonly fail: (index: number) => void; readonly begun: () => number } {
  const under = [] as PromiseWithResolvers<number>[];
  return {
    run: () => {
      const next = Promise.withResolvers<number>();
      under.push(next);
      return next.promise;
    },
    end: (index) => under[index]?.resolve(index),
    fail: (index) => under[index]?.reject(new Error(`run ${index}`)),
    begun: () => under.length,
  };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a single flight gives all who join it one result, and the next one another', async () => {
  const flight = new SingleFlight<number>();
  const { run, end, begun } = runs();
  const joined = [flight.join('a', run), flight.join('a', run)];
  const other = flight.join('b', run);
  assert.equal(begun(), 2);
  end(0);
  end(1);
  assert.deepEqual(await Promise.all(joined), [0, 0]);
  assert.equal(await other, 1);
  const later = flight.join('a', run);
  end(2);
  assert.equal(await later, 2);
});

test('a failed flight fails all who joined it, and is not kept', async () => {
  const flight = new SingleFlight<number>();
  const { run, end, fail } = runs();
  const joined = [flight.join('a', run), flight.join('a', run)];
  fail(0);
  for (const one of joined) await assert.rejects(one, /run 0/);
  const next = flight.join('a', run);
  end(1);
  assert.equal(await next, 1);
});

test('who joins a round that runs already gets the next one', async () => {
  const rounds = new Rounds<number>();
  const { run, end, begun } = runs();
  const first = rounds.join('a', run);
  const [second, third] = [rounds.join('a', run), rounds.join('a', run)];
  assert.equal(begun(), 1);
  end(0);
  assert.equal(await first, 0);
  await settle();
  assert.equal(begun(), 2);
  const fourth = rounds.join('a', run);
  end(1);
  assert.deepEqual(await Promise.all([second, third]), [1, 1]);
  await settle();
  end(2);
  assert.equal(await fourth, 2);
  const fifth = rounds.join('a', run);
  assert.equal(begun(), 4);
  end(3);
  assert.equal(await fifth, 3);
});

test('a failed round does not fail the one that waits behind it', async () => {
  const rounds = new Rounds<number>();
  const { run, end, fail } = runs();
  const first = rounds.join('a', run);
  const second = rounds.join('a', run);
  fail(0);
  await assert.rejects(first, /run 0/);
  await settle();
  end(1);
  assert.equal(await second, 1);
});

test('those who come before a gathered round begins share it; those who come after get the next', async () => {
  const gathered: (() => void)[] = [];
  const rounds = new Rounds<number>(() => new Promise<void>((resolve) => gathered.push(resolve)));
  const { run, end, begun } = runs();
  const early = [rounds.join('a', run), rounds.join('a', run)];
  assert.equal(begun(), 0);
  gathered[0]?.();
  await settle();
  assert.equal(begun(), 1);
  const late = rounds.join('a', run);
  end(0);
  assert.deepEqual(await Promise.all(early), [0, 0]);
  await settle();
  const later = rounds.join('a', run);
  assert.equal(begun(), 1);
  gathered[1]?.();
  await settle();
  end(1);
  assert.deepEqual(await Promise.all([late, later]), [1, 1]);
});
