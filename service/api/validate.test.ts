import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problem } from './problem.ts';
import { represent, toValues } from './property.ts';
import { validNew, validReplacement } from './validate.ts';

const FULL = {
  address: '1 First Street', suburb_name: 'Darley', property_type: 'house', bedrooms: 3, bathrooms: 1, carparks: 0, land_size: 612,
  price: 415000.5, sold_time: '2016-05-07T10:00:00+10:00', link: 'https://example.com/1',
};

function wrongFields(check: () => unknown): readonly string[] {
  try {
    check();
  } catch (error) {
    assert.ok(error instanceof Problem);
    assert.equal(error.status, 422);
    return (error.details.errors ?? []).map(({ field }) => field).sort();
  }
  return [];
}
const wrong = (change: object): readonly string[] => wrongFields(() => validNew({ ...FULL, ...change }));

test('a whole property is valid, and answered as it was sent, its time in UTC', () => {
  assert.equal(
    represent(7, toValues(validNew(FULL))),
    '{"id":7,"address":"1 First Street","suburb_name":"Darley","property_type":"house","bedrooms":3,"bathrooms":1,"carparks":0,"land_size":612,"price":415000.5,"sold_time":"2016-05-07T00:00:00+00:00","link":"https://example.com/1"}',
  );
});

test('all but the address may be null or left out, and is null then', () => {
  const nothing = '{"id":1,"address":"x","suburb_name":null,"property_type":null,"bedrooms":null,"bathrooms":null,"carparks":null,"land_size":null,"price":null,"sold_time":null,"link":null}';
  assert.equal(represent(1, toValues(validNew({ address: 'x' }))), nothing);
  const nulls = { suburb_name: null, property_type: null, bedrooms: null, bathrooms: null, carparks: null, land_size: null, price: null, sold_time: null, link: null };
  assert.equal(represent(1, toValues(validNew({ address: 'x', ...nulls }))), nothing);
});

test('every wrong field is named at once, unknown ones too', () => {
  assert.deepEqual(
    wrong({ address: '', suburb_name: 'x'.repeat(256), property_type: 7, bedrooms: -1, bathrooms: 1.5, carparks: '2', land_size: Infinity, price: 0.001, sold_time: 'today', link: 'javascript:alert(1)', colour: 'red' }),
    ['address', 'bathrooms', 'bedrooms', 'carparks', 'colour', 'land_size', 'link', 'price', 'property_type', 'sold_time', 'suburb_name'],
  );
  assert.deepEqual(wrongFields(() => validNew({})), ['address']);
  assert.deepEqual(wrong({ address: null }), ['address']);
});

test('names of the language’s own properties are unknown fields like any other', () => {
  assert.deepEqual(wrongFields(() => validNew(JSON.parse('{"address":"x","__proto__":{"price":1},"constructor":1,"toString":2}'))), ['__proto__', 'constructor', 'toString']);
  assert.deepEqual(wrongFields(() => validNew(JSON.parse('{"__proto__":{"address":"x"}}'))), ['__proto__', 'address']);
});

test('lengths are counted in characters, as MySQL does', () => {
  assert.deepEqual(wrong({ address: '🏠'.repeat(255) }), []);
  assert.deepEqual(wrong({ address: '🏠'.repeat(256) }), ['address']);
});

test('half a surrogate pair is no text', () => {
  assert.deepEqual(wrong({ address: '\uD83C', suburb_name: 'a\uDFE0b', link: 'https://example.com/\uD83C' }), ['address', 'link', 'suburb_name']);
});

test('a price has two decimals at most and is kept exactly', () => {
  for (const price of [0, 0.01, 0.1, 1e2, 1234.56, 8_388_608.07, 9_999_999_999_999.99]) assert.deepEqual(wrong({ price }), [], String(price));
  for (const price of [-0.01, 0.001, 1.005, 10_000_000_000_000, '1', NaN, Infinity, true]) assert.deepEqual(wrong({ price }), ['price'], String(price));
  assert.equal(JSON.parse(represent(1, toValues(validNew({ address: 'x', price: -0 })))).price, 0);
});

test('a link is an http or https URL', () => {
  for (const link of ['http://example.com', 'HTTPS://example.com/a?b=c#d', 'http://[::1]:8000/']) assert.deepEqual(wrong({ link }), [], link);
  for (const link of ['', 'example.com', '/a', 'http://', 'ftp://example.com', 'http://exa mple.com', 'http://example.com/<', `https://example.com/${'a'.repeat(255)}`]) assert.deepEqual(wrong({ link }), ['link'], link);
});

test('what is no object is wrong as a whole', () => {
  for (const body of [null, [], 'x', 7, true]) assert.deepEqual(wrongFields(() => validNew(body)), [''], JSON.stringify(body));
});

test('PUT takes an id only when it is the path’s, POST takes none', () => {
  assert.deepEqual(wrongFields(() => validReplacement({ address: 'x' }, 7)), []);
  assert.deepEqual(wrongFields(() => validReplacement({ id: 7, address: 'x' }, 7)), []);
  assert.deepEqual(wrongFields(() => validReplacement({ id: 8, address: 'x' }, 7)), ['id']);
  assert.deepEqual(wrongFields(() => validReplacement({ id: '7', address: '' }, 7)), ['address', 'id']);
  assert.deepEqual(wrongFields(() => validReplacement({ id: null, address: 'x' }, 7)), ['id']);
  assert.deepEqual(wrong({ id: 7 }), ['id']);
});
