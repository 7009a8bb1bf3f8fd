import { acknowledgements } from '../../common/members.ts';

/** Settings on which an acknowledgement rests, as a member shows them. */
export interface DurableSettings {
  readonly relayLogRecovery: number;
  readonly syncBinlog: number;
  readonly flushLog: number;
  readonly waitCount: number;
  readonly timeout: number;
  readonly waitPoint: string;
  readonly waitNoReplica: number;
  readonly gtidMode: string;
  readonly logBin: number;
  readonly logReplicaUpdates: number;
  readonly skipReplicaStart: number;
}

/** Less could fall back to unacknowledged commits while a person is on the way, ms: one day. */
const LEAST_TIMEOUT_MS = 86_400_000;

/**
 * Which settings of a member make its acknowledgements worthless.
 * @param members N
 * @returns sentences, each with the setting to change; none when all is well
 */
export function unsafeSettings(settings: DurableSettings, members: number): readonly string[] {
  const needed = Math.max(1, acknowledgements(members));
  if (settings.waitCount === needed && RULES.every(([good]) => good(settings))) return NONE;
  const complaints = RULES.filter(([good]) => !good(settings)).map(([, sentence]) => sentence);
  return settings.waitCount === needed ? complaints : [...complaints, `rpl_semi_sync_source_wait_for_replica_count must be ${needed}`];
}

const NONE: readonly string[] = [];

const RULES: readonly (readonly [good: (settings: DurableSettings) => boolean, sentence: string])[] = [
  [({ relayLogRecovery }) => relayLogRecovery === 0, 'relay_log_recovery must be OFF (a restart would throw away what was acknowledged)'],
  [({ syncBinlog }) => syncBinlog === 1, 'sync_binlog must be 1'],
  [({ flushLog }) => flushLog === 1, 'innodb_flush_log_at_trx_commit must be 1'],
  [({ timeout }) => timeout >= LEAST_TIMEOUT_MS, `rpl_semi_sync_source_timeout must be at least ${LEAST_TIMEOUT_MS}`],
  [({ waitPoint }) => waitPoint === 'AFTER_SYNC', 'rpl_semi_sync_source_wait_point must be AFTER_SYNC'],
  [({ waitNoReplica }) => waitNoReplica === 1, 'rpl_semi_sync_source_wait_no_replica must be ON'],
  [({ gtidMode }) => gtidMode === 'ON', 'gtid_mode must be ON'],
  [({ logBin }) => logBin === 1, 'log_bin must be ON'],
  [({ logReplicaUpdates }) => logReplicaUpdates === 1, 'log_replica_updates must be ON'],
  [({ skipReplicaStart }) => skipReplicaStart === 1, 'skip_replica_start must be ON (a member follows nobody until it is compared)'],
];
