import { acknowledgements } from '../../common/members.ts';

/** What is the same for all members. */
export interface SharedSettings {
  /** N: how many members the whole cluster has. */
  readonly members: number;
  /** InnoDB's cache of pages, MiB; touched memory only counts once it is used. */
  readonly bufferPoolMiB?: number;
  /** 1 syncs the relay log per event: also survives a power cut of all members at once, at a sixth of the write rate. */
  readonly syncRelayLog?: number;
}

/** What differs between members, or may be set. */
export interface MemberSettings extends SharedSettings {
  readonly port: number;
  readonly adminPort: number;
  /** Unique among the members, 1 to 4294967295. */
  readonly serverId: number;
  /** What replicas and the operator call this host. */
  readonly host: string;
}

/** Ten years. A commit that lacks its acknowledgement must wait, never fall back; the largest value overflows the clock. */
export const SEMI_SYNC_TIMEOUT_MS = 315_360_000_000;

const DURABLE = `
# An acknowledged commit is on disk here and in the relay log of as many replicas as wait_for_replica_count says.
gtid_mode = ON
enforce_gtid_consistency = ON
log_bin = binlog
relay_log = relay
log_replica_updates = ON
sync_binlog = 1
innodb_flush_log_at_trx_commit = 1
# ON would throw away what was received and acknowledged, but not applied, at each restart.
relay_log_recovery = OFF
replica_preserve_commit_order = ON
rpl_semi_sync_source_timeout = ${SEMI_SYNC_TIMEOUT_MS}
rpl_semi_sync_source_wait_no_replica = ON
rpl_semi_sync_source_wait_point = AFTER_SYNC
# ON only on the primary, from its promotion on: on a replica it makes the applier wait for acknowledgements of its own.
rpl_semi_sync_source_enabled = OFF
rpl_semi_sync_replica_enabled = ON`;

const CLOSED = `
# A member starts closed and follows nobody: the operator opens it once it has compared it with the others.
super_read_only = ON
offline_mode = ON
skip_replica_start = ON
skip_name_resolve = ON
host_cache_size = 0
max_connect_errors = 4294967295
event_scheduler = OFF
local_infile = OFF
secure_file_priv = NULL
mysqlx = OFF
# Passwords travel encrypted all the same (caching_sha2_password with an RSA key).
tls_version =
admin_tls_version =
auto_generate_certs = OFF`;

const SERVICE = `
character_set_server = utf8mb4
collation_server = utf8mb4_0900_ai_ci
default_time_zone = +00:00
log_timestamps = UTC
log_error_verbosity = 2
# No TLS was asked for; the folder is the user's own.
log_error_suppression_list = MY-010069,MY-013595,MY-011810
# Procedures are written through the binlog by an account that is not all-powerful.
log_bin_trust_function_creators = ON
# Seconds. A write holds its locks for one packet only: who waits longer waits for something that hangs.
innodb_lock_wait_timeout = 2
binlog_expire_logs_seconds = 259200
max_binlog_size = 128M
replica_net_timeout = 10`;

const SMALL = `
max_connections = 300
thread_cache_size = 32
table_open_cache = 400
table_definition_cache = 400
table_open_cache_instances = 4
innodb_log_buffer_size = 8M
innodb_redo_log_capacity = 64M
# The kernel's requests for it are few and shared by all (fs.aio-max-nr): a third stack on a machine would not start.
innodb_use_native_aio = OFF
innodb_read_io_threads = 2
innodb_write_io_threads = 2
innodb_page_cleaners = 1
innodb_purge_threads = 1
innodb_buffer_pool_dump_at_shutdown = OFF
innodb_buffer_pool_load_at_startup = OFF
key_buffer_size = 1M
temptable_max_ram = 16M
# Where none of them is free the applier's coordinator does not sleep but yields, over and over: with 4 that took half of
# a core on each replica, and more than half of the rate of writes.
replica_parallel_workers = 32`;

/**
 * The performance schema stays on for its replication, clone and thread tables, which keep no history. Everything that
 * counts is sized away: 2 MB instead of 177 MB (SHOW ENGINE PERFORMANCE_SCHEMA STATUS, MySQL 9.7.4).
 */
const SIZED_AWAY = [
  'digests_size',
  'error_size',
  ...['stages', 'statements', 'transactions', 'waits'].flatMap((kind) => [`events_${kind}_history_size`, `events_${kind}_history_long_size`]),
  ...['cond', 'file', 'logger', 'memory', 'meter', 'metric', 'mutex', 'rwlock', 'socket', 'stage', 'statement'].map((kind) => `max_${kind}_classes`),
  ...['file_handles', 'table_handles', 'table_instances', 'table_lock_stat', 'index_stat', 'metadata_locks', 'prepared_statements_instances', 'program_instances'].map((what) => `max_${what}`),
  'session_connect_attrs_size',
];

const PERFORMANCE_SCHEMA = [
  'performance_schema = ON',
  'loose_performance_schema_max_statement_stack = 1',
  ...['accounts', 'hosts', 'users'].map((what) => `loose_performance_schema_${what}_size = 16`),
  ...SIZED_AWAY.map((name) => `loose_performance_schema_${name} = 0`),
].join('\n');

/** What every member on every platform is told, for a section `[mysqld]`: nothing of where it listens, who it is or where its files are. */
export const sharedSettings = ({ members, bufferPoolMiB = 96, syncRelayLog = 10_000 }: SharedSettings): string => `create_admin_listener_thread = ON
pid_file = mysqld.pid
plugin_load_add = semisync_source.so
plugin_load_add = semisync_replica.so
plugin_load_add = mysql_clone.so
rpl_semi_sync_source_wait_for_replica_count = ${acknowledgements(members)}
sync_relay_log = ${syncRelayLog}
innodb_buffer_pool_size = ${bufferPoolMiB}M
${DURABLE}
${CLOSED}
${SERVICE}
${SMALL}
${PERFORMANCE_SCHEMA}
`;

/**
 * Writes a member's settings file. It holds no path: the data folder is an argument, the socket lies beside it.
 * @param settings where the member listens and what may be set
 * @param uid the user who starts it; 0 makes mysqld accept being root
 */
export function renderSettings(settings: MemberSettings, uid: number | undefined): string {
  const { port, adminPort, serverId, host } = settings;
  return `# Written at each start: change local/mysql/settings.ts instead.
[mysqld]
bind_address = 127.0.0.1
port = ${port}
admin_address = 127.0.0.1
admin_port = ${adminPort}
socket = ../mysqld.sock
${uid === 0 ? 'user = root\n' : ''}server_id = ${serverId}
report_host = ${host}
report_port = ${port}
${sharedSettings(settings)}`;
}
