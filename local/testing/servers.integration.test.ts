import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openReplication, value } from './replication.ts';
import { startMembers } from './servers.ts';
import type { TestMembers } from './servers.ts';

const LIMIT = { timeout: 60_000 };
let cluster: TestMembers;

before(async () => {
  cluster = await startMembers({ count: 3 });
}, LIMIT);
after(() => cluster.stop());

test('members start closed, empty and with identities of their own, and then make one cluster', LIMIT, async () => {
  const states: string[] = [];
  const identities = new Set<string>();
  for (const member of cluster.members) {
    const connection = await member.connect('operator');
    states.push(await value<string>(connection, "SELECT CONCAT(@@offline_mode, @@super_read_only, '<', @@gtid_executed, '>')"));
    identities.add(await value<string>(connection, 'SELECT @@server_uuid'));
    await connection.end();
  }
  assert.deepEqual(states, ['11<>', '11<>', '11<>']);
  assert.equal(identities.size, 3);

  await openReplication(cluster.members);
  const [primary, replica] = await Promise.all([cluster.members[0]?.connect('migration', { port: 'normal' }), cluster.members[1]?.connect('service', { port: 'normal' })]);
  assert.ok(primary && replica);
  assert.equal(await value(replica, 'SELECT epoch FROM holdfast.epoch'), 1);
  await assert.rejects(replica.query('UPDATE holdfast.epoch SET epoch = 2'), { code: 'ER_OPTION_PREVENTS_STATEMENT' });
  assert.equal(await value(primary, 'SELECT COUNT(*) FROM holdfast.epoch WHERE server_uuid = @@server_uuid'), 1);
  await Promise.all([primary.end(), replica.end()]);
});
