import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { contains, union } from '../../common/gtid.ts';
import { begin, perform } from '../simulation/conformance/commands.ts';
import { startRealStage } from '../simulation/conformance/real-stage.ts';
import type { RealStage } from '../simulation/conformance/real-stage.ts';
import { eventually } from '../testing/cluster.ts';
import { controlOf } from './crew.ts';
import type { MemberStatus } from '../decide/observation.ts';

const LIMIT = { timeout: 120_000 };
let stage: RealStage;

before(async () => {
  stage = await startRealStage();
  await begin(stage);
  await stage.makeTable();
}, LIMIT);
after(() => stage.stop(), LIMIT);

const statusOf = (): Promise<MemberStatus> => controlOf(stage.crew, 'mysql-1').status();

/** A row that is on mysql-1 alone and in no binlog: what writes it again cannot be applied there. */
async function breakApplierAt(key: string): Promise<void> {
  const control = controlOf(stage.crew, 'mysql-1');
  await control.run('SET GLOBAL super_read_only = OFF');
  await control.run('SET SESSION sql_log_bin = 0');
  await control.run(stage.writeStatement, undefined, [key]);
  await control.run('SET SESSION sql_log_bin = 1');
  await control.run('SET GLOBAL super_read_only = ON');
}

test('fenced-with-a-broken-applier: a fence keeps what a member has received and cannot apply, however often it is tried', LIMIT, async () => {
  await eventually('mysql-1 to have the table', async () => (await statusOf()).executed.size > 0 && (await perform(stage, { kind: 'write', member: 0, key: 'a' })) !== 'no answer');
  await eventually('the write to be applied', async () => contains((await statusOf()).executed, (await statusOf()).received));
  await breakApplierAt('b');
  for (const key of ['b', 'c', 'd']) assert.equal(await perform(stage, { kind: 'write', member: 0, key }), 'ok');
  await eventually('the applier to fail', async () => (await statusOf()).applier.error !== '');
  const before = await statusOf();
  for (let times = 0; times < 5; times += 1) {
    await controlOf(stage.crew, 'mysql-1').fence(await statusOf());
    const now = await statusOf();
    assert.equal(now.receiver.state, 'off');
    assert.equal(contains(union(now.executed, now.received), before.received), true, 'received transactions are gone');
  }
});
