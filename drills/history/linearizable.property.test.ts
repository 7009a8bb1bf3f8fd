import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { linearize, type Model, type Timed } from './linearizable.ts';
import { REGISTER, type Input, type State } from './register.ts';
import { create, kindsIn, read, remove, replace, wrongIn, type Span, type Told } from './testing.ts';

const RUNS = { numRuns: 300 };

/** Tries every order: slow, and plain. */
function anyOrder<S, I>(model: Model<S, I>, state: S, left: readonly Timed<I>[]): boolean {
  const mustComeFirst = Math.min(...left.map((one) => one.endMs));
  return left.length === 0 || left.some((one) => {
    const applied = one.invokeMs > mustComeFirst ? 'impossible' : model.apply(state, one.input);
    return applied !== 'impossible' && anyOrder(model, applied.state, left.filter((other) => other !== one));
  });
}

const input: fc.Arbitrary<Input> = fc.oneof(
  fc.record({ f: fc.constant('read' as const), value: fc.constantFrom(null, 1, 2, 3) }),
  fc.record({
    f: fc.constant('change' as const), value: fc.constantFrom(null, 2, 3), expects: fc.constantFrom(null, null, 1, 2),
    answer: fc.constantFrom('done' as const, 'done' as const, 'not found' as const, 'precondition failed' as const),
  }),
);

const timed: fc.Arbitrary<Timed<Input>> = fc.tuple(input, fc.nat(20), fc.integer({ min: 1, max: 12 }), fc.nat(5)).map(([asked, invokeMs, ms, dice]) => {
  const pending = dice === 0 ? REGISTER.unanswered(asked) : null;
  return pending === null ? { input: asked, invokeMs, endMs: invokeMs + ms } : { input: pending, invokeMs, endMs: Infinity };
});

test('the search finds an order exactly when trying every order finds one', () => {
  const made: Timed<Input> = { input: { f: 'create', value: 1 }, invokeMs: -10, endMs: -5 };
  const counts = { linearizable: 0, impossible: 0, undecided: 0 };
  fc.assert(fc.property(fc.array(timed, { minLength: 1, maxLength: 6 }), (operations) => {
    const all = [made, ...operations];
    const decision = linearize(REGISTER, all);
    counts[decision] += 1;
    assert.equal(decision, anyOrder(REGISTER, REGISTER.initial, all) ? 'linearizable' : 'impossible');
  }), { numRuns: 3000 });
  assert.ok(counts.linearizable > 100 && counts.impossible > 100, JSON.stringify(counts));
});

test('a search that takes too long is given up, and said to be', () => {
  assert.equal(linearize(REGISTER, Array.from({ length: 30 }, () => ({ input: { f: 'change', value: 2, expects: null, answer: null }, invokeMs: 0, endMs: Infinity })), 5), 'undecided');
});

/** One step of a row that works: what is done at a moment, how long before and after it the client sends and hears, and whether it hears. */
interface Step {
  readonly kind: 'read' | 'replace' | 'delete';
  readonly beforeMs: number;
  readonly afterMs: number;
  readonly heard: boolean;
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('read', 'read', 'replace', 'replace', 'replace', 'delete'), beforeMs: fc.integer({ min: 1, max: 30 }), afterMs: fc.integer({ min: 1, max: 30 }),
  heard: fc.boolean(),
});

/** What clients see of a row on which the steps take effect one after the other, ten milliseconds apart. */
function seenOf(steps: readonly Step[]): { operations: readonly Told[]; state: State } {
  let state: State = 1;
  const operations = [create([0, 5], [7, 'a', 1])];
  for (const [index, { kind, beforeMs, afterMs, heard }] of steps.entries()) {
    const at = 50 + index * 10;
    const answered: Span = [at - beforeMs, at + afterMs];
    const span: Span = heard ? answered : [at - beforeMs, null];
    const stands = typeof state === 'number';
    const missing = stands || !heard ? {} : ({ type: 'fail', status: 404 } as const);
    if (kind === 'read') operations.push(read(answered, [7, 'a', typeof state === 'number' ? state : null]));
    if (kind === 'replace') operations.push(replace(span, [7, 'a', index + 2], missing));
    if (kind === 'delete') operations.push(remove(span, 7, missing));
    if (kind === 'replace' && stands) state = index + 2;
    if (kind === 'delete') state = 'gone';
  }
  return { operations, state };
}

/** Without deletions, and every answer heard: then nothing that comes later can be excused. */
const surely = (steps: readonly Step[]): readonly Step[] => steps.filter(({ kind }) => kind !== 'delete').map((one) => ({ ...one, heard: true }));

const standing = (state: State) => (typeof state === 'number' ? [[7, 'a', state] as const] : []);

test('whatever clients see of a row that works passes every check', () => {
  fc.assert(fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
    const { operations, state } = seenOf(steps);
    assert.deepEqual(wrongIn(operations, standing(state)), []);
  }), RUNS);
});

test('a row that loses its last acknowledged write is always refused', () => {
  fc.assert(fc.property(fc.array(step, { maxLength: 15 }), (steps) => {
    const { operations, state } = seenOf(surely(steps));
    const last = replace([900, 910], [7, 'a', 999]);
    assert.ok(kindsIn([...operations, last], standing(state)).includes('lost'));
  }), RUNS);
});

test('a read of what stood before an acknowledged write is always refused', () => {
  fc.assert(fc.property(fc.array(step, { maxLength: 15 }), (steps) => {
    const { operations, state } = seenOf(surely(steps));
    const later = [replace([900, 910], [7, 'a', 999]), read([920, 930], [7, 'a', typeof state === 'number' ? state : null])];
    assert.deepEqual(kindsIn([...operations, ...later], [[7, 'a', 999]]), ['not linearizable', 'stale']);
  }), RUNS);
});
