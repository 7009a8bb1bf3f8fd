/** What an error of a statement says about the member that gave it. */
export type Failure =
  /** Another transaction was in the way; the member is well. */
  | 'contended'
  /** The member is closing, read-only, offline, full or gone: look for the primary again. */
  | 'leaving'
  /** The schema is not there (yet): the migrations are on their way. */
  | 'unready'
  /** Nothing that a failover explains: tried again all the same, but logged. */
  | 'unexpected';

/** A packet that failed with one of these has rolled back by itself and left its session as it was. */
const CONTENDED = new Set([
  1205, // ER_LOCK_WAIT_TIMEOUT
  1213, // ER_LOCK_DEADLOCK
  1644, // ER_SIGNAL_EXCEPTION: a procedure of ours asks for another attempt
]);

const LEAVING = new Set([
  1040, // ER_CON_COUNT_ERROR
  1053, // ER_SERVER_SHUTDOWN
  1077, 1079, // ER_NORMAL_SHUTDOWN, ER_SHUTDOWN_COMPLETE
  1152, 1158, 1159, 1160, 1161, 1184, // aborted connections and network errors, as the server sees them
  1180, // ER_ERROR_DURING_COMMIT
  1203, 1226, // too many connections of one user
  1290, // ER_OPTION_PREVENTS_STATEMENT: read-only
  1317, // ER_QUERY_INTERRUPTED
  1792, // ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION
  1836, // ER_READ_ONLY_MODE
  1927, // ER_CONNECTION_KILLED (MariaDB's number, kept by proxies)
  2006, 2013, // gone away, lost (client library numbers)
  3032, // ER_SERVER_OFFLINE_MODE
  3100, 3101, // before_commit hook of a plugin, rolled back by it
  3169, // ER_SESSION_WAS_KILLED
  4031, // ER_CLIENT_INTERACTION_TIMEOUT
]);

const UNREADY = new Set([
  1049, // ER_BAD_DB_ERROR
  1146, // ER_NO_SUCH_TABLE
  1305, // ER_SP_DOES_NOT_EXIST
]);

const LOST = new Set(['PROTOCOL_CONNECTION_LOST', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END']);

/** Reads an error of {@link Pool.run}. A deadline counts as leaving: a member that does not answer may be gone. */
export function classify(error: unknown): Failure {
  if (!(error instanceof Error)) return 'unexpected';
  const { errno, code, fatal } = error as Error & { errno?: number; code?: string; fatal?: boolean };
  if (errno !== undefined && CONTENDED.has(errno)) return 'contended';
  if (errno !== undefined && LEAVING.has(errno)) return 'leaving';
  if (errno !== undefined && UNREADY.has(errno)) return 'unready';
  if (fatal === true || error.name === 'DeadlineError' || error.name === 'AbortError') return 'leaving';
  return code !== undefined && LOST.has(code) ? 'leaving' : 'unexpected';
}

/** True when the connection on which the error came may be used again. When in doubt it is not. */
export const keepsSession = (error: unknown): boolean => classify(error) === 'contended';
