import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderSettings } from './settings.ts';

const SETTINGS = { port: 18_000, adminPort: 18_010, serverId: 1, members: 3, host: '127.0.0.1' };

const values = (text: string): Map<string, string> =>
  new Map([...text.matchAll(/^([a-z_]+) = ?(.*)$/gm)].map(([, name = '', value = '']) => [name, value]));

test('a member starts closed, read-only and following nobody', () => {
  const settings = values(renderSettings(SETTINGS, 1000));
  assert.deepEqual(['offline_mode', 'super_read_only', 'skip_replica_start', 'bind_address', 'admin_address'].map((name) => settings.get(name)), [
    'ON',
    'ON',
    'ON',
    '127.0.0.1',
    '127.0.0.1',
  ]);
});

test('a commit is durable and never falls back to being unacknowledged', () => {
  const settings = values(renderSettings(SETTINGS, 1000));
  const names = ['relay_log_recovery', 'sync_binlog', 'innodb_flush_log_at_trx_commit', 'rpl_semi_sync_source_wait_no_replica', 'rpl_semi_sync_source_wait_point', 'rpl_semi_sync_source_timeout'];
  assert.deepEqual(names.map((name) => settings.get(name)), ['OFF', '1', '1', 'ON', 'AFTER_SYNC', '315360000000']);
});

test('the acknowledgements follow from the number of members', () => {
  const count = (members: number): string | undefined => values(renderSettings({ ...SETTINGS, members }, 1000)).get('rpl_semi_sync_source_wait_for_replica_count');
  assert.deepEqual([3, 4, 5].map(count), ['1', '1', '2']);
});

test('only root is told to mysqld as its user', () => {
  assert.equal(values(renderSettings(SETTINGS, 0)).get('user'), 'root');
  assert.equal(values(renderSettings(SETTINGS, 1000)).has('user'), false);
});

test('the relay log is synced per event only when that is asked for', () => {
  assert.equal(values(renderSettings(SETTINGS, 1000)).get('sync_relay_log'), '10000');
  assert.equal(values(renderSettings({ ...SETTINGS, syncRelayLog: 1 }, 1000)).get('sync_relay_log'), '1');
});
