import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CursorCodec } from './cursor.ts';
import { PageTexts } from './page-texts.ts';

const cursors = new CursorCodec('a secret for tests only');

test('a text says the same every time, and has its cursor signed', () => {
  const texts = new PageTexts(cursors);
  for (let time = 0; time < 3; time += 1) {
    const page = texts.read('AB\n2016-05-07 00:00:00|7\n[1]');
    assert.equal(page?.body, '[1]');
    assert.equal(page.etag, 'AB');
    assert.deepEqual(cursors.read(page.after ?? ''), { soldTime: '2016-05-07 00:00:00', id: 7 });
  }
});

test('a last page has no cursor, and a property that does not exist no page', () => {
  const texts = new PageTexts(cursors);
  assert.deepEqual(texts.read('AB\n\n[1]'), { body: '[1]', etag: 'AB' });
  assert.equal(texts.read(''), undefined);
});

test('a text that is pushed out by others is read anew', () => {
  const texts = new PageTexts(cursors);
  const first = texts.read('AB\n\n[0]');
  assert.equal(texts.read('AB\n\n[0]'), first);
  for (let other = 1; other <= 64; other += 1) assert.equal(texts.read(`AB\n\n[${other}]`)?.body, `[${other}]`);
  const again = texts.read('AB\n\n[0]');
  assert.notEqual(again, first);
  assert.deepEqual(again, first);
});
