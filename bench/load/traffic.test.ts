import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mixed, trafficOf } from './traffic.ts';

const WRITE = { method: 'POST', path: '/w', body: '{}' } as const;
const OTHER = { method: 'POST', path: '/w', body: '{"other":1}' } as const;

test('a mix has its share of writes, and the same seed gives the same requests', () => {
  const mix = { pages: ['/a', '/b', '/c'], writes: [WRITE, OTHER], writeShare: 0.05, count: 20_000, seed: 3 };
  const traffic = mixed(mix);
  assert.equal(traffic.length, 20_000);
  const writes = traffic.filter(({ method }) => method === 'POST').length;
  assert.ok(writes > 850 && writes < 1150, String(writes));
  const others = traffic.filter((asked) => asked === OTHER).length;
  assert.ok(others > 380 && others < 620, String(others));
  assert.deepEqual(mixed(mix), traffic);
  assert.notDeepEqual(mixed({ ...mix, seed: 4 }), traffic);
});

test('without a write there are only reads, the first page most often', () => {
  const traffic = mixed({ pages: ['/a', '/b'], writeShare: 0.5, count: 3000, seed: 1 });
  const first = traffic.filter(({ path }) => path === '/a').length;
  assert.ok(first > 1850 && first < 2150, String(first));
  assert.ok(traffic.every(({ method }) => method === 'GET'));
});

test('a load of nothing is refused', () => {
  assert.throws(() => trafficOf([]), /no requests/);
});
