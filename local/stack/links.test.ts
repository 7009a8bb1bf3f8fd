import assert from 'node:assert/strict';
import { test } from 'node:test';
import { membersForOperator, membersForWeb, portsOfWeb, redisSettings } from './links.ts';

const DIRECT = { httpPort: 8000, basePort: 18_000, edgeCacheSeconds: 1 };
const LINKED = { ...DIRECT, linkPort: 19_000 };

test('without links all are told the real ports', () => {
  assert.deepEqual(membersForOperator(DIRECT).map(({ port, adminPort }) => [port, adminPort]), [[18_000, 18_010], [18_001, 18_011], [18_002, 18_012]]);
  assert.deepEqual(redisSettings(DIRECT, 0), { REDIS_SENTINELS: '127.0.0.1:18030,127.0.0.1:18031,127.0.0.1:18032' });
});

test('with links replicas, the operator, nginx and web-0 go over them, each over its own, and web-1 does not', () => {
  assert.deepEqual(membersForOperator(LINKED).map(({ port, adminPort }) => [port, adminPort]), [[19_000, 19_010], [19_001, 19_011], [19_002, 19_012]]);
  assert.deepEqual(membersForWeb(LINKED, 0).map(({ port }) => port), [19_090, 19_091, 19_092]);
  assert.deepEqual(membersForWeb(LINKED, 1), membersForWeb(DIRECT, 1));
  assert.deepEqual([portsOfWeb(DIRECT), portsOfWeb(LINKED)], [[18_040, 18_041], [19_040, 19_041]]);
  assert.deepEqual(redisSettings(LINKED, 0), {
    REDIS_SENTINELS: '127.0.0.1:19030,127.0.0.1:19031,127.0.0.1:19032',
    REDIS_NAT: '127.0.0.1:18020=127.0.0.1:19020,127.0.0.1:18021=127.0.0.1:19021,127.0.0.1:18022=127.0.0.1:19022',
  });
  assert.deepEqual(redisSettings(LINKED, 1), redisSettings(DIRECT, 1));
});
