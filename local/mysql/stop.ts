import { createConnection } from 'mysql2/promise';
import type { RowDataPacket } from 'mysql2/promise';
import { USERS } from '../../common/names.ts';

/** What {@link closeClients} needs. */
export interface SupervisorAccess {
  readonly host: string;
  readonly adminPort: number;
  readonly password: string;
}

/** How long a member may take to close its clients before it is killed instead. */
export const CLOSE_CLIENTS_MS = 1000;

/**
 * Closes all clients of a member but its replicas, so that no hung commit can be answered with OK: mysqld does that on
 * SIGTERM to every commit that waits for an acknowledgement.
 * @param timeoutMs after which it counts as failed
 * @returns whether SIGTERM is safe now; if not, SIGKILL is
 */
export async function closeClients(access: SupervisorAccess, timeoutMs = CLOSE_CLIENTS_MS): Promise<boolean> {
  const signal = AbortSignal.timeout(timeoutMs);
  const late = new Promise<false>((resolve) => signal.addEventListener('abort', () => resolve(false), { once: true }));
  return Promise.race([close(access, signal).catch(() => false), late]);
}

async function close({ host, adminPort, password }: SupervisorAccess, signal: AbortSignal): Promise<boolean> {
  const connection = await createConnection({ host, port: adminPort, user: USERS.supervisor, password, connectTimeout: CLOSE_CLIENTS_MS });
  connection.on('error', () => undefined);
  signal.addEventListener('abort', () => connection.destroy(), { once: true });
  try {
    await connection.query('SET GLOBAL offline_mode = ON');
    for (const id of await remaining(connection)) await connection.query('KILL ?', [id]).catch(ignoreGone);
    return true;
  } finally {
    connection.destroy();
  }
}

/** Sessions that offline_mode leaves because their accounts may pass it, but for the replicas' and mysqld's own. */
async function remaining(connection: Awaited<ReturnType<typeof createConnection>>): Promise<readonly number[]> {
  const query = `SELECT id FROM information_schema.processlist
    WHERE id <> CONNECTION_ID() AND user NOT IN (?, 'system user', 'event_scheduler') AND command <> 'Daemon'`;
  const [rows] = await connection.query<({ readonly id: number } & RowDataPacket)[]>(query, [USERS.replication]);
  return rows.map(({ id }) => id);
}

const NO_SUCH_THREAD = 1094;

const ignoreGone = (error: unknown): void => {
  if (!(error instanceof Error && 'errno' in error && error.errno === NO_SUCH_THREAD)) throw error;
};

/** What {@link stopMember} needs beside the access. */
export interface StoppableMember extends SupervisorAccess {
  /** Sends a signal to mysqld; does nothing when it has ended. */
  readonly kill: (signal: 'SIGTERM' | 'SIGKILL') => void;
  /** Settles when mysqld has ended. */
  readonly ended: Promise<unknown>;
  /** From SIGTERM to SIGKILL. */
  readonly graceMs: number;
}

/**
 * Stops mysqld so that no client is ever told that a commit succeeded which no replica has: clients closed, SIGTERM;
 * SIGKILL when either takes too long, which loses nothing.
 * @returns how it ended
 */
export async function stopMember(member: StoppableMember): Promise<'stopped' | 'killed'> {
  if (await closeClients(member)) {
    member.kill('SIGTERM');
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => (timer = setTimeout(resolve, member.graceMs, 'late')));
    const outcome = await Promise.race([member.ended, late]);
    clearTimeout(timer);
    if (outcome !== 'late') return 'stopped';
  }
  member.kill('SIGKILL');
  await member.ended;
  return 'killed';
}
