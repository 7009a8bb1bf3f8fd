import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { SeenCookie } from './cookie.ts';
import { CursorCodec } from './cursor.ts';
import { readPreconditions } from './etag.ts';
import { Problem } from './problem.ts';
import { fromRow, represent, toValues } from './property.ts';
import { readListQuery } from './query.ts';
import { answeredTime, storedTime } from './time.ts';
import { validNew, validReplacement } from './validate.ts';

// The same cases every time; another seed has been tried many times over.
fc.configureGlobal({ seed: 20_160_507 });

const cursors = new CursorCodec('a secret for tests only');
const id = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });

/** Only a problem document may come of wrong input. */
function onlyProblems(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof Problem, String(error));
    assert.ok(error.status >= 400 && error.status < 500);
    JSON.stringify(error);
  }
}

test('every price with two decimals is answered as it was sent, also on its way through DECIMAL', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 999_999_999_999_999n }), (cents) => {
      const text = `${cents / 100n}.${String(cents % 100n).padStart(2, '0')}`;
      const sent = JSON.parse(`{"address":"x","price":${text}}`) as unknown;
      const { values } = fromRow({ id: 1, ...toValues(validNew(sent)), price: text });
      assert.equal(represent(1, values), represent(1, toValues(validNew(sent))));
      assert.equal(Number(text).toFixed(2), text);
      assert.equal(values.price?.toFixed(2), text);
    }),
  );
});

test('every time is the same moment when it is answered, cut to the second', () => {
  const from = Date.UTC(1001, 0, 1);
  fc.assert(
    fc.property(fc.integer({ min: from, max: Date.UTC(9998, 11, 31) }), fc.integer({ min: -1439, max: 1439 }), (ms, offset) => {
      const local = new Date(ms + offset * 60_000).toISOString().slice(0, 23);
      const [hours, minutes] = [Math.trunc(Math.abs(offset) / 60), Math.abs(offset) % 60].map((part) => String(part).padStart(2, '0'));
      const stored = storedTime(`${local}${offset < 0 ? '-' : '+'}${hours}:${minutes}`);
      assert.ok(stored !== undefined);
      assert.equal(Date.parse(answeredTime(stored)), Math.floor(ms / 1000) * 1000);
    }),
  );
});

test('every cursor comes back, and none that was changed', () => {
  fc.assert(
    fc.property(fc.option(fc.date({ min: new Date('1000-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true })), id, fc.nat(), (date, id, place) => {
      const cursor = { soldTime: date === null ? null : date.toISOString().slice(0, 19).replace('T', ' '), id };
      const text = cursors.write(cursor);
      assert.deepEqual(cursors.read(text), cursor);
      const at = place % text.length;
      const changed = text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);
      assert.equal(cursors.read(changed), undefined);
    }),
  );
});

test('no query, cookie, precondition or cursor text does more than be refused', () => {
  const cookie = new SeenCookie('a secret for tests only');
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      onlyProblems(() => readListQuery(text, cursors));
      onlyProblems(() => readListQuery(`after=${text}&start=${text}`, cursors));
      assert.equal(cookie.read(`holdfast_seen=${text}`), undefined);
      assert.equal(cursors.read(text), undefined);
      onlyProblems(() => readPreconditions(text, text));
    }),
  );
});

test('no JSON does more than be refused with a problem, and what is not refused is answered alike when it is sent back', () => {
  const keys = fc.constantFrom('address', 'suburb_name', 'property_type', 'bedrooms', 'price', 'sold_time', 'link', 'id', '__proto__', 'constructor');
  const body = fc.oneof(fc.jsonValue(), fc.dictionary(fc.oneof(keys, fc.string()), fc.oneof(fc.jsonValue(), fc.constant(null), fc.nat(), fc.string({ unit: 'binary' }))));
  fc.assert(
    fc.property(body, id, (body, id) => {
      onlyProblems(() => validNew(body));
      onlyProblems(() => {
        const answered = represent(id, toValues(validReplacement(body, id)));
        assert.equal(represent(id, toValues(validReplacement(JSON.parse(answered), id))), answered);
      });
    }),
  );
});
