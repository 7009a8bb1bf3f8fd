import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeenCookie } from './cookie.ts';
import { CursorCodec } from './cursor.ts';
import { isKnown, quoteEtag, readPreconditions } from './etag.ts';
import { Problem } from './problem.ts';
import { readListQuery } from './query.ts';

const HEX = 'AB'.repeat(16);
const cursors = new CursorCodec('a secret for tests only');

test('an ETag is quoted, and known again with or without the weak mark', () => {
  assert.equal(quoteEtag(HEX), '"abababababababababababababababab"');
  assert.equal(isKnown('"abababababababababababababababab"', HEX), true);
  assert.equal(isKnown('"x", W/"abababababababababababababababab"', HEX), true);
  assert.equal(isKnown('*', HEX), true);
  assert.equal(isKnown('"ABABABABABABABABABABABABABABABAB"', HEX), false);
  assert.equal(isKnown('', HEX), false);
});

test('If-Match compares strongly: a weak tag and a foreign one match nothing, but are a precondition', () => {
  assert.deepEqual(readPreconditions(undefined, undefined), {});
  assert.deepEqual(readPreconditions('*', undefined), { ifMatch: '*' });
  assert.deepEqual(readPreconditions('"a,b", "abababababababababababababababab"', undefined), { ifMatch: [HEX] });
  assert.deepEqual(readPreconditions('W/"abababababababababababababababab"', undefined), { ifMatch: [] });
  assert.deepEqual(readPreconditions(', "",,W/"x" ,', ' * '), { ifMatch: [], ifNoneMatch: '*' });
  assert.deepEqual(readPreconditions(undefined, 'W/"abababababababababababababababab"'), { ifNoneMatch: [HEX] });
});

test('a precondition that is none is 400, not one that fails or holds', () => {
  const refusal = (detail: string) => ({ name: 'Problem', status: 400, message: detail });
  for (const text of ['', ' ', ',', 'nonsense', 'abababababababababababababababab', '"a', 'a"', '"a" "b"', '*, "a"', 'W/', 'w/"a"', 'x"a"']) {
    assert.throws(() => readPreconditions(text, undefined), refusal('If-Match must be *, or entity tags in their quotes, separated by commas'), text);
    assert.throws(() => readPreconditions(undefined, text), refusal('If-None-Match must be *, or entity tags in their quotes, separated by commas'), text);
  }
  const many = Array.from({ length: 101 }, () => '"abababababababababababababababab"');
  assert.throws(() => readPreconditions(undefined, many.join()), refusal('If-None-Match has 101 entity tags; at most 100 are possible'));
  assert.equal(readPreconditions(many.slice(1).join(), undefined).ifMatch?.length, 100);
});

test('a cursor comes back as it was written', () => {
  for (const cursor of [{ soldTime: '2016-05-07 00:00:00', id: 7 }, { soldTime: null, id: 9_007_199_254_740_991 }]) assert.deepEqual(cursors.read(cursors.write(cursor)), cursor);
});

test('a cursor that is not ours is none', () => {
  const ours = cursors.write({ soldTime: null, id: 7 });
  const other = new CursorCodec('another secret for tests').write({ soldTime: null, id: 7 });
  for (const text of ['', 'x', other, `${ours}=`, `${ours}A`, ours.slice(1), ours.toUpperCase(), Buffer.from('|7').toString('base64url')]) assert.equal(cursors.read(text), undefined, text);
});

test('the list’s query has defaults and bounds', () => {
  assert.deepEqual(readListQuery('', cursors), { limit: 10, start: 0 });
  assert.deepEqual(readListQuery('start=20&limit=100', cursors), { limit: 100, start: 20 });
  assert.deepEqual(readListQuery(`limit=1&after=${cursors.write({ soldTime: null, id: 7 })}`, cursors), { limit: 1, after: { soldTime: null, id: 7 } });
});

test('a bad query is 400 and names each parameter', () => {
  const wrong = (query: string): readonly string[] => {
    try {
      readListQuery(query, cursors);
    } catch (error) {
      assert.ok(error instanceof Problem);
      assert.equal(error.status, 400);
      return (error.details.errors ?? []).map(({ field }) => field);
    }
    return [];
  };
  assert.deepEqual(wrong('start=abc&limit=0&colour=red'), ['colour', 'limit', 'start']);
  for (const start of ['-1', '1.5', '1e3', '', '%20', '0x1', '+1', '99999999999999999999', '9007199254740993', '%E0%A4%A', '１']) assert.deepEqual(wrong(`start=${start}`), ['start'], start);
  for (const limit of ['101', '0', 'ten', '']) assert.deepEqual(wrong(`limit=${limit}`), ['limit'], limit);
  assert.deepEqual(wrong('limit=1&limit=2'), ['limit']);
  assert.deepEqual(wrong('after=xyz'), ['after']);
  assert.deepEqual(wrong(`start=1&after=${cursors.write({ soldTime: null, id: 7 })}`), ['start']);
});

test('the cookie of the last write comes back, a forged one does not', () => {
  const cookie = new SeenCookie('a secret for tests only');
  const version = { epoch: 3, serverUuid: '8e1fafa9-e689-11f1-9259-02fc00000001', n: 42 };
  const header = cookie.write(version);
  assert.match(header, /^holdfast_seen=3\.42\.8e1fafa9-e689-11f1-9259-02fc00000001\.[\w-]{22}; Path=\/; Max-Age=10; HttpOnly; SameSite=Lax$/);
  const [pair = ''] = header.split(';');
  assert.deepEqual(cookie.read(`a=b; ${pair}; c=d`), version);
  for (const forged of [pair.replace('.42.', '.43.'), pair.slice(0, -1), `${pair}x`, 'holdfast_seen=', 'holdfast_seen', new SeenCookie('another secret for tests').write(version)]) {
    assert.equal(cookie.read(forged), undefined, forged);
  }
  assert.equal(cookie.read(undefined), undefined);
});
