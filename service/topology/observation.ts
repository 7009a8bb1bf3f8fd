import type { Row } from '../ports.ts';

/** What one member said of itself. Times are milliseconds of this process's monotonic clock. */
export interface Observation {
  /** When the question was sent: the answer is true at some later moment, so a decision counts from here. */
  readonly askedAt: number;
  readonly answeredAt: number;
  readonly serverUuid: string;
  /** Neither read-only nor closed to clients. */
  readonly writable: boolean;
  /** Its epoch row; absent before the first start. */
  readonly epoch?: { readonly number: number; readonly serverUuid: string };
  /** Its main replication channel; absent on a member that has none. */
  readonly channel?: {
    /** Whom it follows or followed last. */
    readonly sourceUuid: string;
    /** The receiver is connected and the applier runs without an error. */
    readonly works: boolean;
    /** Milliseconds since its source was last heard, by the member's own clock; undefined: never. */
    readonly silentMs?: number;
  };
}

/**
 * One small statement: who the member is, whether it takes writes, its epoch row, and how its replication does. A closed
 * member refuses the connection; one without an epoch row answers 1146, and is nobody's primary.
 */
export const OBSERVE = `
SELECT @@server_uuid AS serverUuid, @@global.read_only + @@global.offline_mode AS barred, e.epoch AS epoch, e.server_uuid AS epochUuid,
  c.SOURCE_UUID AS sourceUuid,
  c.SERVICE_STATE = 'ON' AND a.SERVICE_STATE = 'ON' AND NOT EXISTS (
    SELECT 1 FROM performance_schema.replication_applier_status_by_worker w WHERE w.CHANNEL_NAME = '' AND w.LAST_ERROR_NUMBER <> 0) AS works,
  TIMESTAMPDIFF(MICROSECOND, GREATEST(c.LAST_HEARTBEAT_TIMESTAMP, c.LAST_QUEUED_TRANSACTION_END_QUEUE_TIMESTAMP), NOW(6)) DIV 1000 AS silentMs
FROM (SELECT 1) AS one
LEFT JOIN holdfast.epoch e ON e.id = 1
LEFT JOIN performance_schema.replication_connection_status c ON c.CHANNEL_NAME = ''
LEFT JOIN performance_schema.replication_applier_status a ON a.CHANNEL_NAME = ''`;

/** Reads the row of {@link OBSERVE}. */
export function readObservation(row: Row, asked: { readonly askedAt: number; readonly answeredAt: number }): Observation {
  const { serverUuid, barred, epoch, epochUuid, sourceUuid, works, silentMs } = row;
  return {
    ...asked,
    serverUuid: String(serverUuid),
    writable: Number(barred) === 0,
    ...(epoch === null ? {} : { epoch: { number: Number(epoch), serverUuid: String(epochUuid) } }),
    ...(typeof sourceUuid !== 'string' || sourceUuid === '' ? {} : { channel: { sourceUuid, works: Number(works) === 1, ...(silentMs === null ? {} : { silentMs: Number(silentMs) }) } }),
  };
}
