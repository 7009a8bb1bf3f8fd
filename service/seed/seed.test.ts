import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bar, progress } from './progress.ts';
import { represent } from '../api/property.ts';
import { validNew } from '../api/validate.ts';
import { seedRow } from './rows.ts';

test('the same seed and number give the same property, in whatever order', () => {
  assert.deepEqual(seedRow(1, 0), {
    address: '131 Harbour Road, Westhaven', suburb_name: 'Westhaven', property_type: 'house', bedrooms: 2, bathrooms: 1, carparks: 1, land_size: 523, price: null,
    sold_time: '2022-04-15 00:00:00', link: 'https://example.com/property/1-0',
  });
  assert.deepEqual(seedRow(1, 5000), seedRow(1, 5000));
  assert.notDeepEqual(seedRow(1, 1), seedRow(2, 1));
});

test('every seeded property would pass the API', () => {
  for (let index = 0; index < 2000; index += 1) {
    const { id: _id, ...body } = JSON.parse(represent(1, seedRow(7, index)));
    validNew(body);
  }
});

test('seeded properties are of all kinds, and few have no sold_time', () => {
  const rows = Array.from({ length: 5000 }, (_, index) => seedRow(1, index));
  const kinds = Object.groupBy(rows, (row) => row.property_type ?? '');
  assert.deepEqual(Object.keys(kinds).sort(), ['house', 'land', 'townhouse', 'unit']);
  const unsold = rows.filter((row) => row.sold_time === null).length;
  assert.ok(unsold > 75 && unsold < 225, `${unsold} of 5000`);
  assert.ok(new Set(rows.map((row) => row.address)).size > 4900);
});

test('progress is a bar on a terminal and lines elsewhere', () => {
  assert.equal(bar(20_000, 100_000, 2), '[######------------------------] 20 %  20,000 of 100,000 rows, 10,000 per second, 8 s left');
  const written: string[] = [];
  let now = 0;
  const lines = progress(100, { write: (text) => written.push(text) }, () => now);
  for (let done = 5; done <= 100; done += 5) lines.at(done);
  now = 1500;
  lines.end(100);
  assert.deepEqual([written.length, written[0], written.at(-1)], [10, '10 of 100 rows\n', '100 rows added in 1.5 s\n']);
});
