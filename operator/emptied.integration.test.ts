import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { CACHE_DIR, testPrograms } from '../local/testing/servers.ts';
import type { TestMember } from '../local/testing/servers.ts';
import { copyTemplate } from '../local/testing/template.ts';
import type { Operator } from './operator.ts';
import { eventually, primaryOf, startCluster, wellAgain } from './testing/cluster.ts';
import type { TestCluster } from './testing/cluster.ts';
import { clientOf, executedOf, makeTable, rowsOn, startLoad, write } from './testing/load.ts';

const LIMIT = { timeout: 150_000 };
let cluster: TestCluster;
let operator: Operator;

before(async () => {
  cluster = await startCluster();
  operator = cluster.operate();
  await makeTable(cluster.member(await wellAgain(operator)));
}, LIMIT);
after(() => cluster.stop(), LIMIT);

/** Copying a data folder blocks this process, and the operator with it: it has to look again first. */
const primary = async (): Promise<TestMember> => {
  await eventually('a primary', () => primaryOf(operator) !== undefined);
  return cluster.member(primaryOf(operator) ?? '');
};
const texts = (): string => operator.crew.journal.events.map(({ text }) => text).join('\n');
const replica = async (): Promise<TestMember> => {
  const { name } = await primary();
  const found = cluster.members.find((member) => member.name !== name);
  assert.ok(found !== undefined);
  return found;
};

/** Kills a member and keeps it down. */
async function takeDown(member: TestMember): Promise<void> {
  cluster.down.add(member.name);
  await member.kill('SIGKILL');
}

/** Lets it come back on the data that it has. */
function bringBack(member: TestMember): void {
  cluster.down.delete(member.name);
}

/** Its data folder is deleted and made anew, as the supervisor does. */
async function wipe(member: TestMember): Promise<void> {
  const { mysqld } = await testPrograms();
  rmSync(member.folder.data, { recursive: true, force: true });
  await copyTemplate(CACHE_DIR, mysqld, member.folder);
}

async function insert(value: string): Promise<void> {
  const client = await clientOf(await primary(), cluster.passwords);
  await write(client, value);
  client.destroy();
}

async function everywhere(value: string): Promise<void> {
  await wellAgain(operator, 60_000);
  await eventually('all members to have the same set', async () => new Set(await executedOf(cluster.members)).size === 1);
  for (const member of cluster.members) assert.equal((await rowsOn(member)).get(value), 1, member.name);
}

test('a wiped replica gets everything again, and counts only then', LIMIT, async () => {
  const victim = await replica();
  await takeDown(victim);
  await wipe(victim);
  await insert('while-one-is-wiped');
  bringBack(victim);
  await everywhere('while-one-is-wiped');
});

test('a wiped primary: another is promoted, and it comes back as a replica', LIMIT, async () => {
  const victim = await primary();
  await insert('before-the-wipe');
  await takeDown(victim);
  await wipe(victim);
  bringBack(victim);
  await eventually('another primary', () => ![undefined, victim.name].includes(primaryOf(operator)));
  await everywhere('before-the-wipe');
});

test('purged-needed: a replica that lacks what no binlog has any more is re-seeded', LIMIT, async () => {
  const victim = await replica();
  await takeDown(victim);
  await insert('purged');
  for (const member of cluster.members.filter((one) => one !== victim)) {
    const connection = await member.connect('operator');
    await connection.query('SET GLOBAL binlog_expire_logs_seconds = 1');
    await connection.query('FLUSH BINARY LOGS');
    await new Promise((resolve) => setTimeout(resolve, 2100));
    await connection.query('FLUSH BINARY LOGS');
    await connection.query('SET GLOBAL binlog_expire_logs_seconds = 259200');
    await connection.end();
  }
  bringBack(victim);
  await everywhere('purged');
  assert.match(texts(), new RegExp(`${victim.name} lacks \\d+ transactions that mysql-\\d no longer has in its binlogs`));
});

test('a re-seed that is broken off by kill -9 of the recipient is begun again', LIMIT, async () => {
  const victim = await replica();
  await takeDown(victim);
  await wipe(victim);
  await insert('during-the-re-seed');
  bringBack(victim);
  await eventually('the re-seed to begin', () => operator.crew.journal.events.at(-1)?.text.startsWith(`${victim.name} is re-seeded from`) === true, { why: texts });
  await new Promise((resolve) => setTimeout(resolve, 100));
  await victim.kill('SIGKILL');
  await everywhere('during-the-re-seed');
});

test('all down, the last primary comes back last: nobody is promoted without it, and every row is back', LIMIT, async () => {
  const load = startLoad(cluster);
  await eventually('some writes', () => load.acknowledged.length > 50);
  const last = await primary();
  await Promise.all(cluster.members.map(takeDown));
  for (const member of cluster.members.filter((one) => one !== last)) {
    bringBack(member);
    await new Promise((resolve) => setTimeout(resolve, 1500));
  }
  await eventually('the operator to wait', () => operator.loop.decided?.kind === 'wait', { why: () => JSON.stringify(operator.loop.decided) });
  assert.match(operator.loop.decided?.reason ?? '', new RegExp(`${last.name} may know more: waiting`));
  bringBack(last);
  await wellAgain(operator, 60_000);
  await load.stop();
  await wellAgain(operator, 60_000);
  await eventually('all members to have the same set', async () => new Set(await executedOf(cluster.members)).size === 1);
  for (const member of cluster.members) {
    const rows = await rowsOn(member);
    assert.deepEqual(load.acknowledged.filter((value) => rows.get(value) !== 1), [], member.name);
  }
});

test('born-again-empty: two wiped members and a slow third are no new cluster; accepting what is lost brings the rest back', LIMIT, async () => {
  await insert('only-copy');
  await eventually('the row everywhere', async () => (await Promise.all(cluster.members.map(rowsOn))).every((rows) => rows.has('only-copy')));
  const [slow, ...others] = cluster.members;
  assert.ok(slow !== undefined);
  await Promise.all(cluster.members.map(takeDown));
  for (const member of others) {
    await wipe(member);
    bringBack(member);
  }
  await eventually('the operator to see the empty ones', () => operator.loop.decided?.situation === 'emptied' || operator.loop.decided?.kind === 'refuse', { why: () => JSON.stringify(operator.loop.decided) });
  await new Promise((resolve) => setTimeout(resolve, 1000));
  assert.equal(primaryOf(operator), undefined);
  bringBack(slow);
  await eventually('a refusal', () => operator.loop.decided?.kind === 'refuse' && operator.loop.observe().members.every(({ contact }) => contact.kind === 'answers'), { why: () => JSON.stringify(operator.loop.decided) });
  assert.match(operator.loop.decided?.reason ?? '', /2 of 3 members must be fenced, and 1 can be \(mysql-0\)/);
  const plan = operator.loop.plan();
  assert.deepEqual([plan.member, plan.lost.size], ['mysql-0', 0]);
  await operator.loop.accept(plan.id);
  await everywhere('only-copy');
});
