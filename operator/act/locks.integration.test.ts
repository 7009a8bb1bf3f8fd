import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { RowDataPacket } from 'mysql2/promise';
import { MEMBER_LOCK, USERS } from '../../common/names.ts';
import { startMembers } from '../../local/testing/servers.ts';
import type { TestMembers } from '../../local/testing/servers.ts';
import { eventually } from '../testing/cluster.ts';
import { MemberControl } from './control.ts';
import { crewUntil } from './crew.ts';
import type { Crew } from './crew.ts';
import { Locks, NotLeadingError } from './locks.ts';
import type { LockAccess } from './locks.ts';
import { openSession } from '../mysql/session.ts';
import { CLOCK } from '../operator.ts';

const LIMIT = { timeout: 60_000 };
let servers: TestMembers;
const made: Locks[] = [];

before(async () => {
  servers = await startMembers({ count: 3 });
}, LIMIT);
after(async () => {
  for (const locks of made) locks.close();
  await servers.stop();
}, LIMIT);

/** @param platform whose turn it is; without one, as on one machine */
function operatorLocks(platform: LockAccess['platform'] = { mayTakeLocks: () => Promise.resolve(false), yields: () => false }): Locks {
  const locks = new Locks(servers.members, { login: { user: USERS.operator, password: servers.passwords.operator }, open: openSession, clock: CLOCK, platform });
  made.push(locks);
  return locks;
}

/** Ends the session that holds a member's lock. */
async function endHolder(index: number): Promise<void> {
  const connection = await servers.members[index]?.connect('operator');
  const [rows] = (await connection?.query<RowDataPacket[]>('SELECT IS_USED_LOCK(?) AS id', [MEMBER_LOCK])) ?? [[]];
  await connection?.query('KILL ?', [rows[0]?.['id']]);
  await connection?.end();
}

test('only one of two operators leads, and the other keeps no lock', LIMIT, async () => {
  const [first, second] = [operatorLocks(), operatorLocks()];
  await first.maintain();
  await second.maintain();
  assert.deepEqual([first.leads, second.leads], [true, false]);
  assert.deepEqual(second.all.map(({ held }) => held), [false, false, false]);
  assert.throws(() => second.of('mysql-0'), NotLeadingError);
  first.release();
  await eventually('the second to lead', async () => {
    await second.maintain();
    return second.leads;
  });
  second.release();
});

test('half-open-lock: who has the lease ends the sessions of an operator that is gone, and acts', LIMIT, async () => {
  const [first, second] = [operatorLocks(), operatorLocks({ mayTakeLocks: () => Promise.resolve(true), yields: () => false })];
  await first.maintain();
  await second.maintain();
  assert.deepEqual([first.leads, second.leads], [false, true]);
  second.release();
});

test('an operator without the lease leaves free locks for a moment to the one that has it, and then takes them', LIMIT, async () => {
  const locks = operatorLocks({ mayTakeLocks: () => Promise.resolve(false), yields: () => true });
  const from = performance.now();
  await eventually('the locks to be free', async () => {
    await locks.maintain();
    return locks.leads;
  });
  assert.ok(performance.now() - from >= 400);
  locks.release();
});

test('an operator that holds a minority gives it back', LIMIT, async () => {
  const [first, second] = [operatorLocks(), operatorLocks()];
  await eventually('two locks of the first', async () => (await first.all[0]?.take()) === true && (await first.all[1]?.take()) === true);
  await second.maintain();
  assert.deepEqual(second.all.map(({ held }) => held), [false, false, false]);
  await first.maintain();
  await eventually('all three locks', () => first.all.every(({ held }) => held));
  first.release();
});

test('sleepy-operator: what was begun before the locks were lost sends no command after they were taken again', LIMIT, async () => {
  const locks = operatorLocks();
  await eventually('the locks', async () => {
    await locks.maintain();
    return locks.leads;
  });
  const operator = { user: USERS.operator, password: servers.passwords.operator };
  const controls = new Map(locks.all.map((lock) => [lock.member.name, new MemberControl({ lock, operator, open: openSession, replicationPassword: '', members: 3 })]));
  const begun = crewUntil({ locks, controls } as unknown as Crew, new AbortController().signal);
  await begun.controls.get('mysql-2')?.run('DO 0');
  await endHolder(0);
  await endHolder(1);
  await eventually('the loss to be seen', () => !locks.leads);
  await eventually('the locks again', async () => {
    await locks.maintain();
    return locks.leads;
  });
  await assert.rejects(async () => begun.controls.get('mysql-2')?.run('DO 0'), /has lost its locks in between/);
  locks.release();
});

test('a statement that hangs is given up with its session, and the lock can be taken again', LIMIT, async () => {
  const locks = operatorLocks();
  await eventually('the locks', async () => {
    await locks.maintain();
    return locks.leads;
  });
  await assert.rejects(locks.of('mysql-1').run('DO SLEEP(60)', 200), { name: 'DeadlineError' });
  await eventually('the lock again', async () => (await locks.all[1]?.take()) === true);
  locks.release();
});
