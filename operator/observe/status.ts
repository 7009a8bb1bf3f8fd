import { parseGtidSet } from '../../common/gtid.ts';
import type { GtidSet } from '../../common/gtid.ts';
import { DATABASE, EPOCH_CHANNEL, TABLES } from '../../common/names.ts';
import type { MemberStatus } from '../decide/observation.ts';
import { unsafeSettings } from './durable.ts';
import type { DurableSettings } from './durable.ts';

const STATUS = 'performance_schema.replication_connection_status';
const CONFIGURATION = 'performance_schema.replication_connection_configuration';
const WORKERS = 'performance_schema.replication_applier_status_by_worker';
const COORDINATOR = 'performance_schema.replication_applier_status_by_coordinator';

/** Microseconds from a time of the member's to now, on the member's own clock; null when that time never was. */
const age = (column: string): string => `IF(${column} > '2000-01-01', TIMESTAMPDIFF(MICROSECOND, ${column}, NOW(6)), NULL)`;

const RECEIVER = `(SELECT JSON_OBJECT('state', s.SERVICE_STATE, 'host', c.HOST, 'port', c.PORT, 'auto', c.AUTO_POSITION, 'sourceUuid', s.SOURCE_UUID,
  'received', s.RECEIVED_TRANSACTION_SET, 'errorNumber', s.LAST_ERROR_NUMBER, 'error', s.LAST_ERROR_MESSAGE,
  'heartbeat', ${age('s.LAST_HEARTBEAT_TIMESTAMP')}, 'queued', ${age('s.LAST_QUEUED_TRANSACTION_END_QUEUE_TIMESTAMP')})
  FROM ${STATUS} s JOIN ${CONFIGURATION} c USING (CHANNEL_NAME) WHERE CHANNEL_NAME = '')`;

const APPLIER = `(SELECT JSON_OBJECT('running', a.SERVICE_STATE, 'error', COALESCE(
    (SELECT MAX(w.LAST_ERROR_MESSAGE) FROM ${WORKERS} w WHERE w.CHANNEL_NAME = '' AND w.LAST_ERROR_NUMBER > 0),
    (SELECT MAX(k.LAST_ERROR_MESSAGE) FROM ${COORDINATOR} k WHERE k.CHANNEL_NAME = '' AND k.LAST_ERROR_NUMBER > 0), ''))
  FROM performance_schema.replication_applier_status a WHERE a.CHANNEL_NAME = '')`;

const PROMISE = `(SELECT JSON_OBJECT('host', HOST, 'user', USER) FROM ${CONFIGURATION} WHERE CHANNEL_NAME = '${EPOCH_CHANNEL}')`;

/** Sessions in the middle of a commit: for an acknowledgement or for the disk. Asked only where commits wait, since it walks all sessions. */
const WAITING = `IF(@@global.rpl_semi_sync_source_enabled, (SELECT COUNT(*) FROM information_schema.processlist
  WHERE COMMAND = 'Query' AND STATE IN ('Waiting for semi-sync ACK from replica', 'waiting for handler commit')), 0)`;

const DURABLE = `JSON_OBJECT('relayLogRecovery', @@global.relay_log_recovery, 'syncBinlog', @@global.sync_binlog, 'flushLog', @@global.innodb_flush_log_at_trx_commit,
  'waitCount', @@global.rpl_semi_sync_source_wait_for_replica_count, 'timeout', @@global.rpl_semi_sync_source_timeout, 'waitPoint', @@global.rpl_semi_sync_source_wait_point,
  'waitNoReplica', @@global.rpl_semi_sync_source_wait_no_replica, 'gtidMode', @@global.gtid_mode, 'logBin', @@global.log_bin, 'logReplicaUpdates', @@global.log_replica_updates, 'skipReplicaStart', @@global.skip_replica_start)`;

const ROW = `(SELECT JSON_OBJECT('epoch', epoch, 'member', member, 'serverUuid', server_uuid) FROM ${DATABASE}.${TABLES.epoch})`;

const statement = (row: string): string => `SELECT JSON_OBJECT('serverUuid', @@global.server_uuid, 'executed', @@global.gtid_executed, 'purged', @@global.gtid_purged,
  'readOnly', @@global.read_only, 'superReadOnly', @@global.super_read_only, 'offline', @@global.offline_mode, 'source', @@global.rpl_semi_sync_source_enabled, 'trace', @@global.rpl_semi_sync_replica_trace_level,
  'waiting', ${WAITING}, 'receiver', ${RECEIVER}, 'applier', ${APPLIER}, 'promise', ${PROMISE}, 'row', ${row}, 'durable', ${DURABLE}) AS status`;

/** The whole status of a member in one row and one round trip. Fails with 1049 or 1146 where there is no epoch row's table. */
export const STATUS_STATEMENT = statement(ROW);
/** The same for a member that has no table for the epoch row yet. */
export const STATUS_STATEMENT_WITHOUT_ROW = statement('NULL');

interface RawReceiver {
  readonly state: string;
  readonly host: string;
  readonly port: number;
  readonly auto: string;
  readonly sourceUuid: string;
  readonly received: string;
  readonly errorNumber: number;
  readonly error: string;
  readonly heartbeat: number | null;
  readonly queued: number | null;
}

/** What {@link STATUS_STATEMENT} gives. */
export interface RawStatus {
  readonly serverUuid: string;
  readonly executed: string;
  readonly purged: string;
  readonly readOnly: number;
  readonly superReadOnly: number;
  readonly offline: number;
  readonly source: number;
  readonly trace: number;
  readonly waiting: number;
  readonly receiver: RawReceiver | null;
  readonly applier: { readonly running: string; readonly error: string } | null;
  readonly promise: { readonly host: string; readonly user: string } | null;
  readonly row: { readonly epoch: number; readonly member: string; readonly serverUuid: string } | null;
  readonly durable: DurableSettings;
}

/** The value of a trace level that says: written to since it started. Any other, and its own default, says the opposite. */
export const TOUCHED = 33;

const NO_RECEIVER: RawReceiver = { state: 'OFF', host: '', port: 0, auto: '0', sourceUuid: '', received: '', errorNumber: 0, error: '', heartbeat: null, queued: null };
const PROMISED = /^epoch-(\d+)\.invalid$/;

/** SOURCE_USER of the epoch channel: the server_uuid without its dashes, since the column shows 32 characters. */
export const promiserOf = (serverUuid: string): string => serverUuid.replaceAll('-', '').toLowerCase();

/** SOURCE_USER of the epoch channel while the data may be removed at any moment. */
export const GIVEN_UP = 'wiped';

/** Reads sets again only when their text changed: on an idle cluster it never does. */
export class StatusReader {
  readonly #sets = new Map<string, { text: string; set: GtidSet }>();
  #promiser = { serverUuid: '', user: '' };
  readonly #members: number;
  constructor(members: number) {
    this.#members = members;
  }

  /** @throws Error when a GTID set cannot be read */
  read(raw: RawStatus): MemberStatus {
    const receiver = raw.receiver ?? NO_RECEIVER;
    const promised = PROMISED.exec(raw.promise?.host ?? '')?.[1];
    return {
      serverUuid: raw.serverUuid,
      executed: this.#set('executed', raw.executed),
      received: this.#set('received', receiver.received),
      purged: this.#set('purged', raw.purged),
      readOnly: raw.readOnly !== 0,
      superReadOnly: raw.superReadOnly !== 0,
      offline: raw.offline !== 0,
      source: raw.source !== 0,
      touched: raw.trace === TOUCHED,
      waiting: raw.waiting,
      receiver: readReceiver(receiver),
      applier: { running: raw.applier?.running === 'ON', error: raw.applier?.error ?? '' },
      row: raw.row ?? undefined,
      promise: promised === undefined ? undefined : { epoch: Number(promised), own: raw.promise?.user === this.#promiserOf(raw.serverUuid) },
      isGivenUp: raw.promise?.user === GIVEN_UP,
      unsafe: unsafeSettings(raw.durable, this.#members),
    };
  }

  #promiserOf(serverUuid: string): string {
    if (this.#promiser.serverUuid !== serverUuid) this.#promiser = { serverUuid, user: promiserOf(serverUuid) };
    return this.#promiser.user;
  }

  #set(which: string, text: string): GtidSet {
    const known = this.#sets.get(which);
    if (known?.text === text) return known.set;
    const set = parseGtidSet(text);
    this.#sets.set(which, { text, set });
    return set;
  }
}

const STATES: Readonly<Record<string, 'on' | 'connecting' | 'off'>> = { ON: 'on', CONNECTING: 'connecting', OFF: 'off' };

function readReceiver({ state, host, port, auto, sourceUuid, errorNumber, error, heartbeat, queued }: RawReceiver): MemberStatus['receiver'] {
  const microseconds = Math.min(heartbeat ?? Infinity, queued ?? Infinity);
  return { state: STATES[state] ?? 'off', host, port, autoPosition: auto === '1', sourceUuid, error, errorNumber, heardMs: microseconds === Infinity ? undefined : Math.max(0, microseconds / 1000) };
}
