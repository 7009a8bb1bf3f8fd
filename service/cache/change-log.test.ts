import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Change, Extent } from '../ports.ts';
import { ChangeLog, LOG_ENTRIES } from './change-log.ts';
import { KeptPages } from './kept-pages.ts';
import type { KeptPage, LoggedChange } from './ports.ts';
import { readEntry, readPage, writeChange, writePage } from './texts.ts';

const version = (n: number, epoch = 1): KeptPage['version'] => ({ epoch, n, serverUuid: 'u' });
const property = (id: number): Extent => ({ kind: 'property', id });
const page = (seq: number, n: number, extent: Extent = property(7)): KeptPage => ({ page: 'text', extent, version: version(n), seq });
const entry = (n: number, id?: number, epoch = 1): LoggedChange => ({ epoch, n, change: id === undefined ? undefined : { id, to: 0 } });

function logOf(...entries: readonly LoggedChange[]): ChangeLog {
  const log = new ChangeLog('nonce');
  log.learn({ kind: 'log', version: version(99), seq: entries.length, entries }, 0);
  return log;
}

test('a page stands until something is logged behind it that it rests on', () => {
  const log = logOf(entry(1, 7), entry(2, 8), entry(3, 7));
  assert.deepEqual([0, 1, 2, 3].map((seq) => log.isStill(page(seq, 0))), [false, false, false, true]);
  assert.equal(log.isStill(page(1, 1, property(9))), true);
  assert.equal(logOf(entry(1)).isStill(page(0, 0, property(9))), false, 'an entry of which nobody knows what it is');
});

test('late-invalidation: what comes to the log late counts for pages that were made without it, and not for those made with it', () => {
  const log = logOf(entry(12, 8), entry(11, 7));
  assert.equal(log.isStill(page(1, 10)), false, 'made at 10, and looked through when 12 had been logged');
  assert.equal(log.isStill(page(1, 12)), true, 'a member that has 12 has 11');
  assert.equal(logOf(entry(1, 7, 2)).isStill(page(0, 500)), false, 'a later epoch is later, whatever its numbers');
});

test('what is not known any more stands for no page, and an answer to another question is left', () => {
  const log = logOf(entry(1, 8));
  log.learn({ kind: 'log', version: version(99), seq: 50, entries: undefined }, 1);
  assert.equal(log.seq, 50);
  assert.deepEqual([log.isStill(page(49, 99)), log.isStill(page(50, 99))], [false, true]);
  log.learn({ kind: 'log', version: version(99), seq: 2, entries: [entry(2, 7)] }, 1);
  assert.equal(log.seq, 50);
});

test('a long log forgets its beginning', () => {
  const log = new ChangeLog('nonce');
  const many = LOG_ENTRIES / 4 + 1;
  for (let round = 0; round < 6; round += 1) log.learn({ kind: 'log', version: version(99), seq: log.seq + many, entries: Array.from({ length: many }, () => entry(1, 8)) }, log.seq);
  assert.equal(log.seq, 6 * many);
  assert.equal(log.isStill(page(0, 0)), false, 'whatever was logged first is not known any more');
  assert.equal(log.isStill(page(log.seq - LOG_ENTRIES / 2, 0)), true);
});

test('pages are kept up to a size, those that were used longest ago go first', () => {
  const kept = new KeptPages(1000);
  for (const key of ['a', 'b', 'c']) kept.keep(key, { ...page(1, 1), page: 'x'.repeat(120) });
  kept.keep('a', { ...page(2, 2), page: 'x'.repeat(120) });
  kept.keep('d', { ...page(1, 1), page: 'x'.repeat(120) });
  assert.deepEqual(['a', 'b', 'c', 'd'].map((key) => kept.get(key)?.seq), [2, undefined, 1, 1]);
  kept.keep('e', { ...page(1, 1), page: 'x'.repeat(2000) });
  assert.deepEqual(['a', 'c', 'd', 'e'].map((key) => kept.get(key)), [undefined, undefined, undefined, undefined]);
});

test('changes and pages are read as they were written', () => {
  const changes: readonly Change[] = [{ id: 7, to: 20160507000000 }, { id: 7, from: 0, to: 20160507000000 }, { id: 9_007_199_254_740_991, from: 0 }];
  assert.deepEqual(changes.map(writeChange), ['7:-:20160507000000', '7:0:20160507000000', '9007199254740991:0:-']);
  assert.deepEqual(changes.map((change) => readEntry(`3:12:${writeChange(change)}`)), changes.map((change) => ({ epoch: 3, n: 12, change })));
  assert.deepEqual(readEntry('3:12:*'), { epoch: 3, n: 12, change: undefined });
  const kept = page(5, 6, { kind: 'offset', first: { time: 0, id: 3 }, last: { time: Infinity, id: 0 } });
  assert.deepEqual(readPage(writePage({ ...kept, page: 'two\nlines' }, 'nonce'), 'nonce'), { ...kept, page: 'two\nlines' });
  for (const text of [writePage(kept, 'another'), '', 'no head', 'null\nx', '{"nonce":1}\nx']) assert.equal(readPage(text, 'nonce'), undefined);
});
