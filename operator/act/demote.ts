import { USERS } from '../../common/names.ts';
import type { MemberStatus } from '../decide/observation.ts';
import { errnoOf } from '../mysql/session.ts';
import type { MemberControl } from './control.ts';
import { controlOf } from './crew.ts';
import type { Crew } from './crew.ts';

/** How long clients may take to be gone once offline_mode is on, ms. */
const CLIENTS_GONE_MS = 2000;
const CLIENTS_LOOK_MS = 20;
/** super_read_only waits for commits that hang; then it is restarted instead, ms. */
const READ_ONLY_MS = 3000;
/** What the lock's session has otherwise, seconds. */
const LOCK_WAIT_S = 5;
const ER_NO_SUCH_THREAD = 1094;
const ER_LOCK_WAIT_TIMEOUT = 1205;

/** Sessions of clients: all but replication, the operators, what starts mysqld, and mysqld's own. Those that wait, killed already, have no client. */
const CLIENTS = `SELECT ID AS id, COMMAND = 'Connect' AS loggingIn FROM information_schema.processlist WHERE COMMAND NOT IN ('Killed', 'Daemon', 'Binlog Dump GTID', 'Binlog Dump')
  AND USER NOT IN ('${USERS.operator}', '${USERS.replication}', '${USERS.supervisor}', 'system user', 'event_scheduler')`;

/** Whether a member must be closed before its set means anything. */
export const needsDemotion = (status: MemberStatus): boolean => !status.superReadOnly || status.source || !status.readOnly;

/**
 * Closes a member that was, or became half, a primary. The order is what counts: first no waiting session has a client
 * any more, since turning the source side off answers every hung commit with OK; then read-only, believing the
 * statement's return, since the variable already reads 1 while it hangs. Where a step hangs, mysqld is restarted: safe once
 * the clients are gone.
 * @returns 'closed', or 'restarted': it will come back closed
 */
export async function demote(crew: Crew, name: string): Promise<'closed' | 'restarted'> {
  const { clock, journal } = crew;
  const control = controlOf(crew, name);
  const from = clock.now();
  await closeClients(crew, control);
  try {
    await control.run('SET GLOBAL rpl_semi_sync_source_enabled = OFF');
    await control.run('SET GLOBAL super_read_only = ON', READ_ONLY_MS);
    journal.note(`${name} demoted: clients closed, read-only`, { member: name, durationMs: clock.now() - from });
    return 'closed';
  } catch (error) {
    journal.note(`${name} does not become read-only and is restarted: ${(error as Error).message}`, { member: name });
    await crew.locks.of(name).take();
    await control.restart();
    return 'restarted';
  }
}

/**
 * The same for a primary whose commits flow and that nobody needs as a follower at once: as no commit hangs, read-only can
 * come first, and its return proves that none does. The source side stays on, so that no commit can be answered falsely,
 * and is turned off when the member rejoins: that takes a second, for which mysqld's thread sleeps that takes
 * acknowledgements.
 */
export async function closeFlowing(crew: Crew, name: string): Promise<'closed' | 'restarted'> {
  const { clock, journal } = crew;
  const control = controlOf(crew, name);
  const from = clock.now();
  await closeClients(crew, control);
  if ((await control.status()).waiting > 0) return demote(crew, name);
  try {
    await control.run('SET SESSION lock_wait_timeout = 1');
    await control.run('SET GLOBAL super_read_only = ON', READ_ONLY_MS);
  } catch (error) {
    if (errnoOf(error) !== ER_LOCK_WAIT_TIMEOUT) throw error;
    return await demote(crew, name);
  } finally {
    await control.run(`SET SESSION lock_wait_timeout = ${LOCK_WAIT_S}`).catch(() => undefined);
  }
  journal.note(`${name} closed: no clients, read-only`, { member: name, durationMs: clock.now() - from });
  return 'closed';
}

/**
 * Keeps clients out and waits until none is left; those whose accounts may pass offline_mode are ended. Who logs in later
 * than the first look is refused, and not waited for: clients that look for the primary come many times a second.
 */
export async function closeClients({ clock }: Crew, control: MemberControl): Promise<void> {
  await control.run('SET GLOBAL offline_mode = ON');
  const until = clock.now() + CLIENTS_GONE_MS;
  let newest: number | undefined;
  for (;;) {
    const there = await control.run(CLIENTS);
    newest ??= Math.max(0, ...there.map(({ id }) => Number(id)));
    const left = there.filter(({ id, loggingIn }) => Number(loggingIn) === 0 || Number(id) <= (newest ?? 0));
    if (left.length === 0) return;
    if (clock.now() > until) throw new Error(`${control.name}: ${left.length} client sessions are still there ${CLIENTS_GONE_MS} ms after offline_mode; end them (KILL) or mysqld.`);
    for (const { id } of left) {
      await control.run(`KILL ${Number(id)}`).catch((error: unknown) => {
        if (errnoOf(error) !== ER_NO_SUCH_THREAD) throw error;
      });
    }
    await clock.sleep(CLIENTS_LOOK_MS);
  }
}
