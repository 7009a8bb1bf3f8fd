import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { DeadlineError } from '../mysql/limit.ts';
import { type BatchPace, Batches } from './batches.ts';

interface Sent {
  readonly writes: readonly string[];
  readonly signal: AbortSignal;
  readonly end: () => void;
  readonly fail: (error: unknown) => void;
}

/** Batches whose sender only writes down what it was given, and answers when it is told to. */
function recorded(pace: Partial<BatchPace> = {}): { readonly batches: Batches<string, string>; readonly sent: Sent[]; readonly splits: unknown[] } {
  const sent: Sent[] = [];
  const splits: unknown[] = [];
  const send = async (writes: readonly string[], signal: AbortSignal): Promise<readonly string[]> => {
    const { promise, resolve, reject } = Promise.withResolvers<readonly string[]>();
    signal.addEventListener('abort', () => reject(signal.reason));
    sent.push({ writes, signal, fail: reject, end: () => resolve(writes.map((write) => `done ${write}`)) });
    return promise;
  };
  const alone = async (write: string, signal: AbortSignal): Promise<string> => (await send([write], signal))[0] ?? '';
  return { batches: new Batches({ alone, together: send, onSplit: (error) => splits.push(error) }, { size: 3, slowMs: 60_000, ...pace }), sent, splits };
}

const forever = new AbortController().signal;
const writesOf = (sent: readonly Sent[]): readonly (readonly string[])[] => sent.map(({ writes }) => writes);
const outcome = (promise: Promise<string>): Promise<string> => promise.catch((error: unknown) => (error instanceof Error ? error.message : 'no error'));

test('a write that finds none under way goes at once and alone; those that come meanwhile go together, no more than the size', async () => {
  const { batches, sent } = recorded();
  const answers = ['a', 'b', 'c', 'd', 'e'].map((write) => batches.add(write, forever));
  assert.deepEqual(writesOf(sent), [['a']]);
  sent[0]?.end();
  await turn();
  assert.deepEqual(writesOf(sent), [['a'], ['b', 'c', 'd']]);
  sent[1]?.end();
  await turn();
  assert.deepEqual(writesOf(sent), [['a'], ['b', 'c', 'd'], ['e']]);
  sent[2]?.end();
  assert.deepEqual(await Promise.all(answers), ['done a', 'done b', 'done c', 'done d', 'done e']);
});

test('a batch that is slow keeps nobody waiting', async () => {
  const { batches, sent } = recorded({ slowMs: 20 });
  const answers = ['a', 'b', 'c'].map((write) => batches.add(write, forever));
  await sleep(100);
  assert.deepEqual(writesOf(sent), [['a'], ['b', 'c']]);
  const late = batches.add('d', forever);
  // It stopped counting once: the end of a slow batch lets no second one go.
  sent[0]?.end();
  sent[1]?.end();
  await turn();
  const last = batches.add('e', forever);
  assert.deepEqual(writesOf(sent), [['a'], ['b', 'c'], ['d']]);
  sent[2]?.end();
  await turn();
  sent[3]?.end();
  await Promise.all([...answers, late, last]);
});

test('a batch that fails is tried again one by one, at once; a write of it that fails then is the only one', async () => {
  const { batches, sent, splits } = recorded();
  const [a, b, c] = ['a', 'b', 'c'].map((write) => outcome(batches.add(write, forever)));
  sent[0]?.end();
  await turn();
  const contended = Object.assign(new Error('deadlock'), { errno: 1213 });
  sent[1]?.fail(contended);
  await turn();
  assert.deepEqual(writesOf(sent), [['a'], ['b', 'c'], ['b'], ['c']]);
  assert.deepEqual(splits, [contended]);
  sent[2]?.fail(new Error('bad row'));
  sent[3]?.end();
  assert.deepEqual(await Promise.all([a, b, c]), ['done a', 'bad row', 'done c']);
});

test('a member that is leaving is said to all, also to those not yet sent', async () => {
  const { batches, sent, splits } = recorded();
  const answers = ['a', 'b', 'c', 'd', 'e'].map((write) => outcome(batches.add(write, forever)));
  sent[0]?.end();
  await turn();
  sent[1]?.fail(new DeadlineError('A statement on mysql-0', 3000));
  const said = 'A statement on mysql-0 gave no answer within 3000 ms; whether it was done is unknown';
  assert.deepEqual(await Promise.all(answers), ['done a', said, said, said, said]);
  assert.deepEqual(writesOf(sent), [['a'], ['b', 'c', 'd']]);
  assert.deepEqual(splits, []);
  const next = batches.add('f', forever);
  sent[2]?.end();
  assert.equal(await next, 'done f');
});

test('whoever goes away leaves the queue, or only its place in a batch under way', async () => {
  const { batches, sent, splits } = recorded();
  const [queued, inBatch, both] = [new AbortController(), new AbortController(), new AbortController()];
  const first = batches.add('a', forever);
  const rest = [batches.add('b', queued.signal), batches.add('c', inBatch.signal), batches.add('d', both.signal)].map(outcome);
  queued.abort(new Error('gone'));
  sent[0]?.end();
  await turn();
  assert.deepEqual(writesOf(sent), [['a'], ['c', 'd']]);
  inBatch.abort(new Error('gone too'));
  await turn();
  assert.equal(sent[1]?.signal.aborted, false);
  sent[1]?.end();
  assert.deepEqual(await Promise.all([first, ...rest]), ['done a', 'gone', 'gone too', 'done d']);
  await assert.rejects(batches.add('e', queued.signal), /gone/);
  assert.deepEqual(splits, []);
});

test('a failed batch tries nobody who is gone, and a batch for which nobody waits is given up', async () => {
  const { batches, sent, splits } = recorded();
  const [gone, last] = [new AbortController(), new AbortController()];
  const answers = [batches.add('a', forever), batches.add('b', gone.signal), batches.add('c', last.signal)].map(outcome);
  sent[0]?.end();
  await turn();
  gone.abort(new Error('gone'));
  sent[1]?.fail(new Error('broken'));
  await turn();
  assert.deepEqual(writesOf(sent), [['a'], ['b', 'c'], ['c']]);
  sent[2]?.end();
  assert.deepEqual(await Promise.all(answers), ['done a', 'gone', 'done c']);

  const [one, two] = [new AbortController(), new AbortController()];
  const later = [batches.add('d', forever), batches.add('e', one.signal), batches.add('f', two.signal)].map(outcome);
  sent[3]?.end();
  await turn();
  one.abort(new Error('one'));
  two.abort(new Error('two'));
  assert.deepEqual(await Promise.all(later), ['done d', 'one', 'two']);
  assert.equal(sent[4]?.signal.aborted, true);
  assert.equal(sent.length, 5);
  assert.equal(splits.length, 1);
});
