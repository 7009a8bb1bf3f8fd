import { createConnection } from 'mysql2';
import type { Connection, QueryError } from 'mysql2';
import type { MemberAddress } from '../../common/members.ts';

/**
 * A silent connection is probed after so long, and given up ten seconds later, ms. Else a statement without a near deadline
 * (CLONE) waits for hours on a machine that has lost its power.
 */
const KEEP_ALIVE_MS = 10_000;

/** How a session logs in. */
export interface Login {
  readonly user: string;
  readonly password: string;
}

/** A statement that was not answered in time. The session still waits for it: end it. */
export class DeadlineError extends Error {
  override name = 'DeadlineError';
}

/** What a {@link SessionError} is made of. */
export type FailedQuery = Error & Pick<QueryError, 'code'> & Partial<Pick<QueryError, 'errno'>>;

/** A statement or connection that failed; `errno` is MySQL's number, `code` MySQL's or the system's name. */
export class SessionError extends Error {
  override name = 'SessionError';
  readonly errno: number | undefined;
  readonly code: string;
  constructor(message: string, cause: FailedQuery) {
    super(message, { cause });
    this.errno = cause.errno;
    this.code = cause.code;
  }
}

/** One row of a result, by column name. */
export type Row = Readonly<Record<string, unknown>>;

/** One connection to a member, whose statements run one after the other. */
export interface Session {
  /** MySQL's connection id. */
  readonly id: number;
  /**
   * Runs one statement.
   * @param deadlineMs how long the answer may take, counted from now, with all statements before it
   * @returns the rows, none for a statement that gives none
   * @throws DeadlineError, or SessionError when it failed or the connection is lost
   */
  readonly query: (sql: string, deadlineMs: number, values?: readonly unknown[]) => Promise<readonly Row[]>;
  /** Settles once, when the connection is lost or ended; the error says why. */
  readonly lost: Promise<Error>;
  readonly alive: boolean;
  /** Ends it at once, whatever it is doing. */
  readonly end: () => void;
}

/** What {@link openSession} needs. */
export interface SessionOptions {
  readonly member: MemberAddress;
  readonly login: Login;
  /** Which of the member's ports. */
  readonly via: 'admin' | 'clients';
  /** For connecting and logging in. */
  readonly deadlineMs: number;
}

/**
 * Connects to a member.
 * @throws DeadlineError or SessionError; its `code` is ECONNREFUSED when nothing listens
 */
export type OpenSession = (options: SessionOptions) => Promise<Session>;

/** {@link OpenSession} over the network. */
export async function openSession({ member, login, via, deadlineMs }: SessionOptions): Promise<Session> {
  const port = via === 'admin' ? member.adminPort : member.port;
  const connection = createConnection({ host: member.host, port, ...login, connectTimeout: deadlineMs, enableKeepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS, dateStrings: true, supportBigNumbers: true });
  const lost = watchLoss(connection);
  await within(deadlineMs, `Connecting to ${member.name}`, (done) => connection.connect((error) => (error === null ? done(undefined) : done(error)))).catch((error: unknown) => {
    connection.destroy();
    throw named(error, `Connecting to ${member.name} (${member.host}:${port})`);
  });
  return wrap(connection, member.name, lost);
}

type Done = (error: Error | null | undefined, result?: unknown) => void;

interface Loss {
  readonly promise: Promise<Error>;
  readonly report: (error: Error) => void;
  /** Statements under way: the driver forgets them when a connection is destroyed. */
  readonly pending: Set<Done>;
  happened: boolean;
}

function watchLoss(connection: Connection): Loss {
  const { promise, resolve } = Promise.withResolvers<Error>();
  const report = (error: Error): void => {
    loss.happened = true;
    for (const done of loss.pending) done(error);
    loss.pending.clear();
    resolve(error);
  };
  const loss: Loss = { promise, happened: false, pending: new Set(), report };
  connection.on('error', loss.report);
  connection.on('end', () => loss.report(new Error('the server closed the connection')));
  return loss;
}

function wrap(connection: Connection, name: string, loss: Loss): Session {
  return {
    id: connection.threadId ?? 0,
    lost: loss.promise,
    get alive() { return !loss.happened; },
    end: () => { connection.destroy(); loss.report(new Error('ended by the operator')); },
    query: async (sql, deadlineMs, values = []) => {
      const what = `${name}: ${sql.slice(0, 80)}`;
      try {
        const rows = await within<unknown>(deadlineMs, what, (done) => {
          loss.pending.add(done);
          connection.query(sql, [...values], (error, result) => {
            loss.pending.delete(done);
            done(error, result);
          });
        });
        return Array.isArray(rows) ? (rows as Row[]) : [];
      } catch (error) {
        // The driver tells a loss in the middle of a statement to the statement alone.
        if ((error as Partial<QueryError>).fatal === true) loss.report(error as Error);
        throw named(error, what);
      }
    },
  };
}

/** Calls back style to promise, with a deadline. */
async function within<T>(deadlineMs: number, what: string, start: (done: (error: Error | null | undefined, result?: T) => void) => void): Promise<T | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<T | undefined>();
  const timer = setTimeout(() => reject(new DeadlineError(`${what}: no answer within ${deadlineMs} ms`)), deadlineMs);
  start((error, result) => (error === null || error === undefined ? resolve(result) : reject(error)));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}

function named(error: unknown, what: string): Error {
  if (error instanceof DeadlineError) return error;
  const cause = error as QueryError;
  return new SessionError(`${what}: ${cause.message === '' ? cause.code : cause.message}`, cause);
}

/** MySQL's error number, or undefined for anything else. */
export const errnoOf = (error: unknown): number | undefined => (error instanceof SessionError ? error.errno : undefined);

/** The system's or MySQL's error name; '' for anything else. */
export const codeOf = (error: unknown): string => (error instanceof SessionError ? error.code : '');
