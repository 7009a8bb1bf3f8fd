import assert from 'node:assert/strict';
import { after, afterEach, test } from 'node:test';
import type { RowDataPacket } from 'mysql2/promise';
import { USERS } from '../../common/names.ts';
import { value } from '../../local/testing/replication.ts';
import { openReplication } from '../../local/testing/replication.ts';
import { type TestMembers, startMembers } from '../../local/testing/servers.ts';
import { createLog } from '../log.ts';
import { promote } from '../testing/promote.ts';
import { MemberTopology, watched } from '../topology/topology.ts';
import { migrate } from './migrate.ts';

const LIMIT = { timeout: 60_000 };
const log = createLog('test', 'silent');
let cluster: TestMembers;
const topologies: MemberTopology[] = [];

const cleanUp = async (): Promise<void> => {
  await Promise.all(topologies.splice(0).map((topology) => topology.stop()));
  await (cluster as TestMembers | undefined)?.stop();
};
afterEach(cleanUp);
after(cleanUp);

async function begin(): Promise<() => Promise<void>> {
  cluster = await startMembers({ count: 3 });
  const members = cluster.members.map((member) => watched({ member, user: USERS.service, password: cluster.passwords.service, database: 'holdfast' }, 4));
  return async () => {
    const topology = new MemberTopology({ members, log, now: () => performance.now(), random: Math.random });
    topologies.push(topology);
    topology.start();
    await migrate({ topology, log, signal: AbortSignal.timeout(30_000), account: { user: USERS.migration, password: cluster.passwords.migration, database: 'holdfast' } });
  };
}

async function history(index: number): Promise<readonly string[]> {
  const connection = await cluster.members[index]?.connect('operator', { database: 'holdfast' });
  assert.ok(connection);
  const [rows] = await connection.query<(RowDataPacket & { name: string })[]>('SELECT name FROM migration ORDER BY name');
  assert.deepEqual(await value(connection, "SELECT CONCAT(generation, ' ', redis_run_id) FROM cache_generation"), '0 off');
  connection.destroy();
  return rows.map(({ name }) => name);
}

test('whoever starts first migrates once, also when it had to wait for a primary', LIMIT, async () => {
  const run = await begin();
  const all = Promise.all([run(), run(), run()]);
  await openReplication(cluster.members);
  await all;
  assert.deepEqual(await history(0), ['0001-tables', '0002-procedures', '0003-batches', '0004-places']);
  await run();
  assert.deepEqual(await history(0), ['0001-tables', '0002-procedures', '0003-batches', '0004-places']);
});

test('a failover in the middle of the migrations is gone through', LIMIT, async () => {
  const run = await begin();
  await openReplication(cluster.members);
  const [first, second, third] = cluster.members;
  assert.ok(first && second && third);
  // The third statement or so hangs: nobody acknowledges any more.
  const replicas = await Promise.all([second, third].map((member) => member.connect('operator')));
  const migrated = run();
  await Promise.all(replicas.map((replica) => replica.query('STOP REPLICA IO_THREAD')));
  await first.kill('SIGKILL');
  await promote(second, [third], 2);
  await migrated;
  for (const replica of replicas) replica.destroy();
  assert.deepEqual(await history(1), ['0001-tables', '0002-procedures', '0003-batches', '0004-places']);
});
