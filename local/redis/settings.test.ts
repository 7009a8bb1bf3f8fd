import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderRedis, renderSentinel, sentinelId } from './settings.ts';

test('Redis keeps nothing on disk, listens on loopback only and evicts only what has a time to live', () => {
  const lines = renderRedis({ port: 18_020, password: 'p"w' }).split('\n');
  for (const line of ['bind 127.0.0.1', 'port 18020', 'save ""', 'appendonly no', 'maxmemory-policy volatile-lru', 'requirepass "p\\"w"', 'masterauth "p\\"w"']) assert.ok(lines.includes(line), line);
  assert.ok(!lines.some((line) => line.startsWith('replicaof')));
});

test('a replica is told its master', () => {
  assert.match(renderRedis({ port: 2, password: 'p', replicaOf: { host: '127.0.0.1', port: 1 } }), /^replicaof 127\.0\.0\.1 1$/m);
});

test('a Sentinel knows everybody from the start and needs a majority', () => {
  const text = renderSentinel({
    name: 'sentinel-0',
    port: 18_030,
    password: 'p',
    master: { host: '127.0.0.1', port: 18_020 },
    replicas: [{ host: '127.0.0.1', port: 18_021 }],
    others: [
      { name: 'sentinel-1', host: '127.0.0.1', port: 18_031 },
      { name: 'sentinel-2', host: '127.0.0.1', port: 18_032 },
    ],
  });
  assert.match(text, /^sentinel monitor holdfast 127\.0\.0\.1 18020 2$/m);
  assert.match(text, /^sentinel down-after-milliseconds holdfast 1000$/m);
  assert.match(text, /^sentinel known-replica holdfast 127\.0\.0\.1 18021$/m);
  assert.match(text, new RegExp(`^sentinel known-sentinel holdfast 127\\.0\\.0\\.1 18032 ${sentinelId('sentinel-2')}$`, 'm'));
  assert.match(sentinelId('sentinel-2'), /^[0-9a-f]{40}$/);
});
