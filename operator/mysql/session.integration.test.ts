import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { USERS } from '../../common/names.ts';
import { startMembers } from '../../local/testing/servers.ts';
import { DeadlineError, openSession, SessionError } from './session.ts';

const LIMIT = { timeout: 60_000 };
const servers = await startMembers({ count: 1 });
after(() => servers.stop());

const open = () => {
  const [member] = servers.members;
  assert.ok(member !== undefined);
  return openSession({ member, login: { user: USERS.operator, password: servers.passwords.operator }, via: 'admin', deadlineMs: 5000 }).then((session) => ({ session, member }));
};

test('a statement that takes too long is given up, and its session lives', LIMIT, async () => {
  const { session } = await open();
  await assert.rejects(session.query('DO SLEEP(0.3)', 50), DeadlineError);
  assert.equal(session.alive, true);
  session.end();
  assert.equal(session.alive, false);
});

test('a session is lost with its member: idle, in the middle of a statement, or with one that the member has not read yet', LIMIT, async () => {
  const [{ session: idle, member }, { session: busy }, { session: unread }] = [await open(), await open(), await open()];
  const hanging = assert.rejects(busy.query('DO SLEEP(30)', 30_000), SessionError);
  await sleep(100);
  // What was sent and not read makes the system answer a kill with a reset instead of an end.
  await member.freeze();
  await sleep(100);
  const waiting = assert.rejects(unread.query('DO 0', 30_000), SessionError);
  await sleep(100);
  await member.kill('SIGKILL');
  await Promise.all([hanging, waiting]);
  await Promise.all([idle.lost, busy.lost, unread.lost]);
  assert.deepEqual([idle.alive, busy.alive, unread.alive], [false, false, false]);
  await member.start();
});
