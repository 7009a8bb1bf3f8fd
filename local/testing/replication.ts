import type { Connection, RowDataPacket } from 'mysql2/promise';
import { DATABASE, TABLES, USERS } from '../../common/names.ts';
import { TEST_PASSWORDS } from './template.ts';
import type { TestMember } from './servers.ts';

/** The statement that makes the table of the epoch row. */
const EPOCH_TABLE = `CREATE TABLE ${DATABASE}.${TABLES.epoch} (
  id TINYINT UNSIGNED NOT NULL PRIMARY KEY CHECK (id = 1), epoch BIGINT UNSIGNED NOT NULL, member VARCHAR(64) NOT NULL,
  server_uuid CHAR(36) NOT NULL, promoted_at TIMESTAMP(6) NOT NULL)`;

/**
 * Points a member at another and starts replication.
 * @param source its address
 */
export async function follow(replica: Connection, source: { readonly host: string; readonly port: number }): Promise<void> {
  await replica.query('STOP REPLICA');
  await replica.query(
    `CHANGE REPLICATION SOURCE TO SOURCE_HOST = ?, SOURCE_PORT = ?, SOURCE_USER = ?, SOURCE_PASSWORD = ?, SOURCE_AUTO_POSITION = 1,
      SOURCE_SSL = 0, GET_SOURCE_PUBLIC_KEY = 1, SOURCE_HEARTBEAT_PERIOD = 0.5, SOURCE_CONNECT_RETRY = 1, SOURCE_RETRY_COUNT = 31536000`,
    [source.host, source.port, USERS.replication, TEST_PASSWORDS.replication],
  );
  await replica.query('START REPLICA');
}

/** One value of one row. */
export async function value<T>(connection: Connection, query: string, parameters: readonly unknown[] = []): Promise<T> {
  const [rows] = await connection.query<RowDataPacket[]>(query, [...parameters]);
  return Object.values(rows[0] ?? {})[0] as T;
}

/**
 * Makes a ready cluster without an operator: schema and epoch row (epoch 1), the first member primary, the others
 * following it with semi-synchronous acknowledgement, all open.
 */
export async function openReplication(members: readonly TestMember[]): Promise<void> {
  const connections = await Promise.all(members.map((member) => member.connect('operator')));
  try {
    const [primary, ...replicas] = connections;
    const [first] = members;
    if (primary === undefined || first === undefined) throw new Error('Opening replication needs at least one member');
    await Promise.all(replicas.map((replica) => follow(replica, first)));
    if (replicas.length > 0) await primary.query('SET GLOBAL rpl_semi_sync_source_enabled = ON');
    await primary.query('SET GLOBAL super_read_only = OFF, GLOBAL read_only = OFF');
    await primary.query(`CREATE DATABASE ${DATABASE}`);
    await primary.query(EPOCH_TABLE);
    await primary.query(`INSERT INTO ${DATABASE}.${TABLES.epoch} VALUES (1, 1, ?, @@server_uuid, NOW(6))`, [first.name]);
    const executed = await value<string>(primary, 'SELECT @@global.gtid_executed');
    await Promise.all(replicas.map((replica) => value(replica, 'SELECT WAIT_FOR_EXECUTED_GTID_SET(?, 10)', [executed])));
    await Promise.all(connections.map((connection) => connection.query('SET GLOBAL offline_mode = OFF')));
  } finally {
    await Promise.all(connections.map((connection) => connection.end()));
  }
}
