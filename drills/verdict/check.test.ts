import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkRows } from './check.ts';
import { historyOf, write } from './testing.ts';

const FAILED = { failure: 'ECONNRESET' };

test('rows that stand as they were acknowledged are fine', () => {
  const history = historyOf(write('create', { row: 1, version: 1, id: 7 }), write('create', { row: 2, version: 1, id: 8 }), write('replace', { row: 2, version: 2, id: 8 }));
  assert.deepEqual(checkRows(history, [{ id: 7, row: 1, version: 1 }, { id: 8, row: 2, version: 2 }]), []);
});

test('an acknowledged row that is not there is lost', () => {
  const history = historyOf(write('create', { row: 1, version: 1, id: 7 }));
  assert.deepEqual(checkRows(history, []), [{ kind: 'lost', text: 'drill 1: version 1 was acknowledged, and no row is there.' }]);
});

test('an acknowledged replacement that is not there is lost', () => {
  const history = historyOf(write('create', { row: 1, version: 1, id: 7 }), write('replace', { row: 1, version: 2, id: 7 }));
  assert.deepEqual(checkRows(history, [{ id: 7, row: 1, version: 1 }]), [{ kind: 'lost', text: 'drill 1: version 2 was acknowledged, and version 1 is there.' }]);
});

test('an acknowledged deletion that did not happen is lost', () => {
  const history = historyOf(write('create', { row: 1, version: 1, id: 7 }), write('delete', { row: 1, version: 2, id: 7 }));
  assert.deepEqual(checkRows(history, [{ id: 7, row: 1, version: 1 }]), [{ kind: 'lost', text: 'drill 1: its deletion was acknowledged, and version 1 is there.' }]);
  assert.deepEqual(checkRows(history, []), []);
});

test('an acknowledged row under another id is lost', () => {
  const history = historyOf(write('create', { row: 1, version: 1, id: 7 }));
  assert.deepEqual(checkRows(history, [{ id: 9, row: 1, version: 1 }]), [{ kind: 'lost', text: 'drill 1 was acknowledged as id 7, and stands as id 9.' }]);
});

test('a row that stands twice is duplicated, acknowledged or not', () => {
  const stored = [{ id: 7, row: 1, version: 1 }, { id: 8, row: 1, version: 1 }];
  const expected = [{ kind: 'duplicated', text: 'drill 1 stands 2 times, as ids 7, 8.' }];
  assert.deepEqual(checkRows(historyOf(write('create', { row: 1, version: 1, id: 7 })), stored), expected);
  assert.deepEqual(checkRows(historyOf(write('create', { row: 1, version: 1 }, FAILED)), stored), expected);
});

test('a write without an answer may have happened once, or not', () => {
  const created = historyOf(write('create', { row: 1, version: 1 }, FAILED));
  assert.deepEqual(checkRows(created, []), []);
  assert.deepEqual(checkRows(created, [{ id: 7, row: 1, version: 1 }]), []);
  const replaced = historyOf(write('create', { row: 1, version: 1, id: 7 }), write('replace', { row: 1, version: 2, id: 7 }, FAILED));
  assert.deepEqual(checkRows(replaced, [{ id: 7, row: 1, version: 1 }]), []);
  assert.deepEqual(checkRows(replaced, [{ id: 7, row: 1, version: 2 }]), []);
  const deleted = historyOf(write('create', { row: 1, version: 1, id: 7 }), write('delete', { row: 1, version: 2, id: 7 }, FAILED));
  assert.deepEqual(checkRows(deleted, [{ id: 7, row: 1, version: 1 }]), []);
  assert.deepEqual(checkRows(deleted, []), []);
});

test('a refused write did not happen: a deletion that found nothing does not excuse a missing row', () => {
  const refused = { failure: 'answered 404', status: 404 };
  const deleted = historyOf(write('create', { row: 1, version: 1, id: 7 }), write('delete', { row: 1, version: 2, id: 7 }, refused));
  assert.deepEqual(checkRows(deleted, []), [{ kind: 'lost', text: 'drill 1: version 1 was acknowledged, and no row is there.' }]);
  const created = historyOf(write('create', { row: 1, version: 1 }, { failure: 'answered 422', status: 422 }));
  assert.deepEqual(checkRows(created, []), []);
  assert.deepEqual(checkRows(created, [{ id: 7, row: 1, version: 1 }]), [{ kind: 'ghost', text: 'drill 1 has version 1, which was refused.' }]);
});

test('what nobody wrote is a ghost', () => {
  const history = historyOf(write('create', { row: 1, version: 1, id: 7 }));
  assert.deepEqual(checkRows(history, [{ id: 7, row: 1, version: 3 }]), [{ kind: 'ghost', text: 'drill 1 has version 3, and nobody wrote that.' }]);
  assert.deepEqual(checkRows(history, [{ id: 7, row: 1, version: 1 }, { id: 8, row: 2, version: 1 }, { id: 9, row: null, version: 1 }]), [
    { kind: 'ghost', text: 'Id 8 carries our marker, and nobody wrote it.' },
    { kind: 'ghost', text: 'Id 9 carries our marker, and nobody wrote it.' },
  ]);
});
