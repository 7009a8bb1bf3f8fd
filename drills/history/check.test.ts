import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkHistory } from './check.ts';
import { create, kindsIn, linesOf, page, read, remove, replace, told, verdictOf, wrongIn } from './testing.ts';

test('a history in which everything is as it was answered is fine', () => {
  const operations = [
    create([0, 10], [7, 'a', 1]), replace([20, 30], [7, 'a', 2]), read([40, 50], [7, 'a', 2]), page([40, 50], [[7, 'a', 2]]),
    create([20, 60], [8, 'b', 1]), remove([70, 80], 8), read([90, 95], [8, 'b', null]),
  ];
  assert.deepEqual(verdictOf(operations, [[7, 'a', 2]]), { writes: 4, reads: 3, rows: 2, undecided: 0, wrong: [] });
});

test('lost: a row, a replacement and a deletion that were acknowledged and are not there', () => {
  const created = create([0, 10], [7, 'a', 1]);
  assert.equal(wrongIn([created], [])[0], 'lost: Row a: value 1 was acknowledged, and in the end no row is there.');
  assert.equal(wrongIn([created, replace([20, 30], [7, 'a', 2])], [[7, 'a', 1]])[0], 'lost: Row a: value 2 was acknowledged, and in the end value 1 is there.');
  assert.equal(wrongIn([created, remove([20, 30], 7)], [[7, 'a', 1]])[0], 'lost: Row a: its deletion was acknowledged, and in the end value 1 is there.');
});

test('a write without an answer may have happened, or not, and of two that overlap either may be the last', () => {
  const created = create([0, 10], [7, 'a', 1]);
  const unanswered = [created, replace([20, null], [7, 'a', 2])];
  assert.deepEqual(wrongIn(unanswered, [[7, 'a', 1]]), []);
  assert.deepEqual(wrongIn(unanswered, [[7, 'a', 2]]), []);
  const overlapping = [created, replace([20, 40], [7, 'a', 2]), replace([30, 50], [7, 'a', 3])];
  assert.deepEqual(wrongIn(overlapping, [[7, 'a', 2]]), []);
  assert.deepEqual(wrongIn(overlapping, [[7, 'a', 3]]), []);
  assert.deepEqual(wrongIn([create([0, null], [7, 'a', 1])], []), []);
  assert.deepEqual(wrongIn([create([0, null], [7, 'a', 1])], [[9, 'a', 1]]), []);
});

test('an unanswered deletion explains a missing row, and a refused one does not', () => {
  const created = create([0, 10], [7, 'a', 1]);
  assert.deepEqual(wrongIn([created, remove([20, null], 7)], []), []);
  assert.equal(kindsIn([created, remove([20, 30], 7, { type: 'fail', status: 412, ifMatch: '"x"' })], [])[0], 'lost');
});

test('duplicated: a row under two ids, in the end, on a page, or in the answers', () => {
  const created = create([0, 10], [7, 'a', 1]);
  assert.ok(wrongIn([created], [[7, 'a', 1], [8, 'a', 1]]).includes('duplicated: Row a stands 2 times, as ids 7, 8.'));
  assert.deepEqual(wrongIn([created, page([20, 30], [[7, 'a', 1], [7, 'a', 1]])], [[7, 'a', 1]]), ['duplicated: A row stands twice in read 2 of p.']);
  assert.deepEqual(wrongIn([created, create([20, 30], [7, 'b', 1])], [[7, 'a', 1]]).slice(0, 1), ['duplicated: Id 7 stands for row a and for row b.']);
});

test('ghost: what nobody wrote, what was refused for certain, and what was shown before it was sent', () => {
  const created = create([0, 10], [7, 'a', 1]);
  assert.ok(wrongIn([created], [[7, 'a', 1], [9, 'z', 1]]).includes('ghost: Id 9 carries the marker in the end, and nobody wrote it.'));
  assert.ok(wrongIn([created], [[7, 'a', 3]]).includes('ghost: Row a: value 3 stands in the end, and nobody wrote it.'));
  const refused = replace([20, 30], [7, 'a', 2], { type: 'fail', status: 422 });
  assert.ok(wrongIn([created, refused], [[7, 'a', 2]]).includes('ghost: Row a: value 2 stands in the end, though its write failed (422).'));
  assert.ok(wrongIn([created, refused, page([40, 50], [[7, 'a', 2]])], [[7, 'a', 1]]).includes('ghost: Row a: value 2 was shown by read 3 of p, though its write failed (422).'));
  assert.ok(wrongIn([page([0, 5], [[7, 'a', 1]], { fresh: 'no-primary' }), create([10, 20], [7, 'a', 1])], [[7, 'a', 1]]).includes('ghost: Row a: value 1 was shown by read 1 of p (no-primary) before it was sent.'));
});

test('stale: an answer without a header that allows it is older than a write acknowledged before it was asked for', () => {
  const written = [create([0, 10], [7, 'a', 1]), replace([20, 30], [7, 'a', 2])];
  assert.equal(wrongIn([...written, read([40, 50], [7, 'a', 1])], [[7, 'a', 2]])[0], 'stale: Row a: value 2 was acknowledged 10 ms before read 3 of p showed value 1.');
  assert.deepEqual(wrongIn([...written, read([29, 50], [7, 'a', 1])], [[7, 'a', 2]]), []);
  assert.deepEqual(kindsIn([...written, page([40, 50], [[7, 'a', 1]])], [[7, 'a', 2]]), ['stale']);
  assert.deepEqual(kindsIn([...written, read([40, 50], [7, 'a', null])], [[7, 'a', 2]]), ['not linearizable', 'stale']);
});

test('stale: a page of the edge is older than a second', () => {
  const written = [create([0, 10], [7, 'a', 1]), replace([20, 30], [7, 'a', 2])];
  const cached = (fromMs: number) => read([fromMs, fromMs + 5], [7, 'a', 1], { fresh: 'edge-cache' });
  assert.deepEqual(wrongIn([...written, cached(900)], [[7, 'a', 2]]), []);
  assert.deepEqual(wrongIn([...written, cached(1131)], [[7, 'a', 2]]), ['stale: Row a: value 2 was acknowledged 1101 ms before read 3 of p (edge-cache) showed value 1.']);
});

test('what no Koa answers for and what a replica says may be of any age, and no ghost', () => {
  const written = [create([0, 10], [7, 'a', 1]), replace([20, 30], [7, 'a', 2])];
  for (const fresh of ['edge-stale', 'no-primary']) {
    assert.deepEqual(wrongIn([...written, read([9000, 9010], [7, 'a', 1], { fresh })], [[7, 'a', 2]]), []);
    assert.deepEqual(kindsIn([...written, read([900, 910], [7, 'a', 5], { fresh })], [[7, 'a', 2]]), ['ghost']);
  }
});

test('own write: who has written and says so with its cookie gets past the page of the edge', () => {
  const written = [create([0, 10], [7, 'a', 1]), replace([20, 30], [7, 'a', 2])];
  const asked = (more: object) => read([40, 50], [7, 'a', 1], { fresh: 'edge-cache', ...more });
  assert.deepEqual(wrongIn([...written, asked({ seen: true })], [[7, 'a', 2]]), ['own write: Row a: p had written value 2 itself, and read 3 of p (edge-cache) showed value 1.']);
  assert.deepEqual(wrongIn([...written, asked({})], [[7, 'a', 2]]), []);
  assert.deepEqual(wrongIn([...written, asked({ seen: true, process: 'q' })], [[7, 'a', 2]]), []);
});

test('pages: a row that sorts between two others is missing, in the first page, behind a cursor, and on the last page', () => {
  const rows = ['a', 'b', 'c', 'd'].map((row, index) => create([0, 10], [index + 1, row, 1]));
  const final = ['a', 'b', 'c', 'd'].map((row, index) => [index + 1, row, 1] as const);
  const missing = (name: string) => [`stale: Row ${name}: value 1 was acknowledged 10 ms before read 5 of p did not show it.`];
  assert.deepEqual(wrongIn([...rows, page([20, 30], [[1, 'a', 1], [3, 'c', 1]], { limit: 2 })], final), missing('b'));
  assert.deepEqual(wrongIn([...rows, page([20, 30], [[2, 'b', 1], [3, 'c', 1]], { limit: 2 })], final), missing('a'));
  assert.deepEqual(wrongIn([...rows, page([20, 30], [[2, 'b', 1], [3, 'c', 1]], { limit: 2, start: 1 })], final), []);
  assert.deepEqual(wrongIn([...rows, page([20, 30], [[2, 'b', 1], [3, 'c', 1]], { limit: 3, start: 1 })], final), missing('d'));
  const first = page([20, 30], [[1, 'a', 1]], { limit: 1, next: 'x' });
  const after = (shown: readonly (readonly [number, string, number])[]) => told('page', [40, 50], { after: 'x', limit: 2, rows: shown });
  assert.deepEqual(wrongIn([...rows, first, after([[2, 'b', 1], [3, 'c', 1]])], final), []);
  assert.deepEqual(wrongIn([...rows, first, after([[3, 'c', 1], [4, 'd', 1]])], final), ['stale: Row b: value 1 was acknowledged 30 ms before read 6 of p did not show it.']);
});

test('pages: rows out of their order', () => {
  const rows = ['a', 'b'].map((row, index) => create([0, 10], [index + 1, row, 1]));
  assert.deepEqual(wrongIn([...rows, page([20, 30], [[2, 'b', 1], [1, 'a', 1]])], [[1, 'a', 1], [2, 'b', 1]]), ['order: In read 3 of p row a stands after rows that sort behind it.']);
});

test('replay: the same key is answered alike and done once', () => {
  const created = create([0, 10], [7, 'a', 1], { key: 'k' });
  assert.deepEqual(wrongIn([created, create([20, 30], [7, 'a', 1], { key: 'k' })], [[7, 'a', 1]]), []);
  const twice = wrongIn([created, create([20, 30], [8, 'a', 1], { key: 'k' })], [[7, 'a', 1], [8, 'a', 1]]);
  assert.ok(twice.includes('replay: The key k of a create was answered in 2 ways: 201 for id 7 with ETag –; 201 for id 8 with ETag –.'));
  assert.ok(twice.includes('duplicated: Row a has the ids 7 and 8.'));
});

test('a replay that is carried out again undoes what came between', () => {
  const again = [
    create([0, 10], [7, 'a', 1]), replace([20, 30], [7, 'a', 2], { key: 'k' }), replace([40, 50], [7, 'a', 3]), replace([60, 70], [7, 'a', 2], { key: 'k' }),
  ];
  assert.deepEqual(wrongIn([...again, read([80, 90], [7, 'a', 3])], [[7, 'a', 3]]), []);
  assert.deepEqual(kindsIn([...again, read([80, 90], [7, 'a', 2])], [[7, 'a', 2]]), ['lost', 'not linearizable', 'stale']);
});

test('an unanswered attempt and its answered replay are one write, somewhere between them', () => {
  const attempts = [create([0, 10], [7, 'a', 1]), replace([20, null], [7, 'a', 2], { key: 'k' }), replace([60, 70], [7, 'a', 2], { key: 'k' })];
  assert.deepEqual(wrongIn([...attempts, read([30, 40], [7, 'a', 1]), read([50, 55], [7, 'a', 2])], [[7, 'a', 2]]), []);
  assert.deepEqual(kindsIn([...attempts, read([80, 90], [7, 'a', 1])], [[7, 'a', 2]]), ['not linearizable', 'stale']);
});

test('not linearizable: two reads of an unanswered write in the wrong order', () => {
  const operations = [create([0, 10], [7, 'a', 1]), replace([20, null], [7, 'a', 2]), read([30, 40], [7, 'a', 2]), read([50, 60], [7, 'a', 1])];
  assert.deepEqual(wrongIn(operations, [[7, 'a', 2]]), [
    'not linearizable: Row a of "drill": no order explains read 1 (50–60), after create 1 (0–10), replace by 2 → done (20–?), read 2 (30–40).',
  ].map((text) => text.replace('→ done', '→ unknown')));
});

test('not linearizable: what was read is not there in the end', () => {
  const operations = [create([0, 10], [7, 'a', 1]), replace([20, null], [7, 'a', 2]), read([30, 40], [7, 'a', 2])];
  assert.deepEqual(kindsIn(operations, [[7, 'a', 1]]), ['not linearizable']);
});

test('not linearizable: two conditional writes succeed on the same version', () => {
  const operations = [
    create([0, 10], [7, 'a', 1], { etag: '"1"' }),
    replace([20, 50], [7, 'a', 2], { ifMatch: '"1"', etag: '"2"' }), replace([20, 50], [7, 'a', 3], { ifMatch: '"1"', etag: '"3"' }),
  ];
  assert.deepEqual(kindsIn(operations, [[7, 'a', 3]]), ['not linearizable']);
});

test('not linearizable: a condition that held was refused, and a row that stands was not found', () => {
  const created = create([0, 10], [7, 'a', 1], { etag: '"1"' });
  const refused = replace([20, 30], [7, 'a', 2], { ifMatch: '"1"', type: 'fail', status: 412 });
  assert.deepEqual(kindsIn([created, refused], [[7, 'a', 1]]), ['not linearizable']);
  assert.deepEqual(wrongIn([created, replace([20, 30], [7, 'a', 3]), replace([40, 50], [7, 'a', 2], { ifMatch: '"1"', type: 'fail', status: 412 })], [[7, 'a', 3]]), []);
  assert.deepEqual(kindsIn([created, remove([20, 30], 7, { type: 'fail', status: 404 })], [[7, 'a', 1]]), ['not linearizable']);
  assert.deepEqual(wrongIn([created, remove([20, 30], 7), remove([40, 50], 7, { type: 'fail', status: 404 })], []), []);
});

test('a history that breaks off, or is none, is refused with the line', () => {
  const text = linesOf([create([0, 10], [7, 'a', 1])], [[7, 'a', 1]]);
  assert.throws(() => checkHistory(text.split('\n').slice(1).join('\n')), /its first line is no head/);
  assert.throws(() => checkHistory(text.split('\n').slice(0, 3).join('\n')), /its last line does not say what stood in the table/);
  assert.throws(() => checkHistory(text.replace('{"type":"invoke"', '{"type":')), /at line 2: it is no JSON/);
});
