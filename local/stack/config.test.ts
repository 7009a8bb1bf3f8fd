import assert from 'node:assert/strict';
import { test } from 'node:test';
import { localConfig } from './config.ts';

test('without settings the service is on 8000 and everything else from 18000 on', () => {
  assert.deepEqual(localConfig({}), { httpPort: 8000, basePort: 18_000, edgeCacheSeconds: 1, linkPort: undefined });
  assert.equal(localConfig({ EDGE_CACHE_SECONDS: '0' }).edgeCacheSeconds, 0);
});

test('all wrong settings are reported at once', () => {
  assert.throws(() => localConfig({ PORT: 'eighty', HOLDFAST_BASE_PORT: '65535', EDGE_CACHE_SECONDS: '-1' }), (error: Error) => {
    assert.match(error.message, /PORT: "eighty"/);
    assert.match(error.message, /HOLDFAST_BASE_PORT: "65535" is not valid: expected a whole number from 1024 to 65445/);
    assert.match(error.message, /EDGE_CACHE_SECONDS: "-1"/);
    return true;
  });
});

test('the port of the service may not be among the others', () => {
  assert.throws(() => localConfig({ PORT: '18089' }), /PORT: 18089 is one of the ports from HOLDFAST_BASE_PORT on \(18000 to 18089\)/);
  assert.equal(localConfig({ PORT: '18090' }).httpPort, 18_090);
});
