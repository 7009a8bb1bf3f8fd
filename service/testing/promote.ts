import type { Connection } from 'mysql2/promise';
import { DATABASE, TABLES } from '../../common/names.ts';
import { follow, value } from '../../local/testing/replication.ts';
import type { TestMember } from '../../local/testing/servers.ts';
import { waitFor } from '../../local/testing/wait.ts';

/** Stops a replica's receiver for good, and waits until it has applied what it received. */
async function fence(replica: Connection): Promise<void> {
  await replica.query('STOP REPLICA IO_THREAD');
  await replica.query("CHANGE REPLICATION SOURCE TO SOURCE_HOST = 'fenced.invalid'");
  await waitFor('the relay log to be applied', async () => {
    const left = "SELECT GTID_SUBTRACT(RECEIVED_TRANSACTION_SET, @@global.gtid_executed) = '' FROM performance_schema.replication_connection_status WHERE CHANNEL_NAME = ''";
    return (await value<number>(replica, left)) === 1;
  });
}

/**
 * A failover by plain SQL, in the order that the operator keeps: fence, apply, epoch row acknowledged, then clients.
 * @param to the member that is promoted
 * @param followers the other members that still serve
 * @param mayOpen settles when clients may get in; at once when it is left out
 */
export async function promote(to: TestMember, followers: readonly TestMember[], epoch: number, mayOpen: Promise<unknown> = Promise.resolve()): Promise<void> {
  const [candidate, ...others] = await Promise.all([to, ...followers].map((member) => member.connect('operator')));
  if (candidate === undefined) throw new Error('A promotion needs a member');
  try {
    await Promise.all([candidate, ...others].map(fence));
    await candidate.query('STOP REPLICA');
    await candidate.query('SET GLOBAL rpl_semi_sync_source_enabled = ON');
    await Promise.all(others.map((other) => follow(other, to)));
    await candidate.query('SET GLOBAL super_read_only = OFF');
    await candidate.query(`UPDATE ${DATABASE}.${TABLES.epoch} SET epoch = ?, member = ?, server_uuid = @@server_uuid, promoted_at = NOW(6)`, [epoch, to.name]);
    await mayOpen;
    await candidate.query('SET GLOBAL read_only = OFF');
    await Promise.all([candidate, ...others].map((connection) => connection.query('SET GLOBAL offline_mode = OFF')));
  } finally {
    for (const connection of [candidate, ...others]) connection.destroy();
  }
}
