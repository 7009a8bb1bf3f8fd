import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { manifestsOf } from '../synth.ts';
import { DEFAULTS } from '../settings.ts';

const LIMIT = { timeout: 20_000 };
const SHELLS = ['dash', 'bash'].filter((shell) => spawnSync(shell, ['-c', ':']).status === 0);
const env = { PATH: process.env['PATH'] ?? '', MASTER_NAME: 'holdfast', SERVERS: 'redis-0 redis-1 redis-2', SERVERS_DOMAIN: 'holdfast.svc.cluster.local', REDIS_PORT: '6379', REDIS_PASSWORD: 'secret' };

interface Settings { readonly metadata: { readonly name: string }; readonly data: Readonly<Record<string, string>> }
const settings = (manifestsOf(DEFAULTS)['20-settings.yaml'] as readonly Settings[]).find(({ metadata }) => metadata.name === 'redis')?.data['redis-1.sentinel.conf'] ?? assert.fail('no settings');

let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-sentinel-'));
  writeFileSync(join(folder, 'settings'), settings);
});
after(() => rmSync(folder, { recursive: true }));

for (const shell of SHELLS) {
  const made = (learned: string): readonly string[] => {
    writeFileSync(join(folder, 'learned'), learned);
    return execFileSync(shell, ['-c', `set -u; . ${join(import.meta.dirname, 'sentinel-conf.sh')}; sentinel_conf ${folder}/settings ${folder}/learned`], { env, encoding: 'utf8', timeout: 10_000, stdio: ['ignore', 'pipe', 'inherit'] }).trim().split('\n');
  };
  const replicas = (lines: readonly string[]): readonly string[] => lines.filter((line) => line.startsWith('sentinel known-replica'));

  suite(`with ${shell}`, LIMIT, () => {
    test('a first start knows the first server as master, the others as replicas, and the password after the master', () => {
      const lines = made('');
      const at = lines.indexOf('sentinel monitor holdfast redis-0.holdfast.svc.cluster.local 6379 2');
      assert.equal(lines[at + 1], 'sentinel auth-pass holdfast "secret"');
      assert.deepEqual(replicas(lines), ['sentinel known-replica holdfast redis-1.holdfast.svc.cluster.local 6379', 'sentinel known-replica holdfast redis-2.holdfast.svc.cluster.local 6379']);
      assert.equal(lines.filter((line) => line.startsWith('sentinel known-sentinel')).length, 2);
      assert.ok(lines.includes('sentinel announce-ip redis-1.holdfast.svc.cluster.local'));
    });

    test('a later one knows the master and the epochs that it learned, and never the master as a replica of itself', () => {
      const lines = made([
        'port 26379', 'sentinel monitor holdfast redis-2.holdfast.svc.cluster.local 6379 2', 'sentinel down-after-milliseconds holdfast 77',
        'sentinel config-epoch holdfast 3', 'sentinel leader-epoch holdfast 4', 'sentinel current-epoch 4', 'sentinel known-replica holdfast 10.0.0.1 6379', '',
      ].join('\n'));
      assert.ok(lines.includes('sentinel monitor holdfast redis-2.holdfast.svc.cluster.local 6379 2'));
      assert.ok(!lines.includes('sentinel monitor holdfast redis-0.holdfast.svc.cluster.local 6379 2'));
      assert.deepEqual(replicas(lines), ['sentinel known-replica holdfast redis-0.holdfast.svc.cluster.local 6379', 'sentinel known-replica holdfast redis-1.holdfast.svc.cluster.local 6379']);
      assert.deepEqual(lines.slice(-3), ['sentinel config-epoch holdfast 3', 'sentinel leader-epoch holdfast 4', 'sentinel current-epoch 4']);
      assert.ok(lines.includes('sentinel down-after-milliseconds holdfast 1000'));
    });
  });
}
