import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unsafeSettings } from './durable.ts';
import type { DurableSettings } from './durable.ts';

const GOOD: DurableSettings = {
  relayLogRecovery: 0, syncBinlog: 1, flushLog: 1, waitCount: 1, timeout: 315_360_000_000, waitPoint: 'AFTER_SYNC', waitNoReplica: 1, gtidMode: 'ON', logBin: 1, logReplicaUpdates: 1, skipReplicaStart: 1,
};

test('good settings have no complaint', () => assert.deepEqual(unsafeSettings(GOOD, 3), []));

const wrong: readonly (readonly [title: string, change: Partial<DurableSettings>, members: number, complaint: RegExp])[] = [
  ['recovered-away: relay logs that a restart throws away', { relayLogRecovery: 1 }, 3, /^relay_log_recovery must be OFF/],
  ['binlogs that a power cut shortens', { syncBinlog: 0 }, 3, /^sync_binlog must be 1$/],
  ['commits that a power cut forgets', { flushLog: 2 }, 3, /^innodb_flush_log_at_trx_commit must be 1$/],
  ['raised-A: five members, one acknowledgement', { waitCount: 1 }, 5, /^rpl_semi_sync_source_wait_for_replica_count must be 2$/],
  ['a time-out after which commits go unacknowledged', { timeout: 10_000 }, 3, /^rpl_semi_sync_source_timeout must be at least 86400000$/],
  ['clients that see a commit before it is acknowledged', { waitPoint: 'AFTER_COMMIT' }, 3, /^rpl_semi_sync_source_wait_point must be AFTER_SYNC$/],
  ['no wait while no replica is there', { waitNoReplica: 0 }, 3, /^rpl_semi_sync_source_wait_no_replica must be ON$/],
  ['a member that follows whom it followed, before it is compared', { skipReplicaStart: 0 }, 3, /^skip_replica_start must be ON/],
  ['no GTIDs', { gtidMode: 'OFF' }, 3, /^gtid_mode must be ON$/],
];
for (const [title, change, members, complaint] of wrong) {
  test(title, () => {
    const complaints = unsafeSettings({ ...GOOD, ...change }, members);
    assert.equal(complaints.length, 1);
    assert.match(complaints[0] ?? '', complaint);
  });
}
