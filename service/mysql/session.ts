import type { Duplex } from 'node:stream';
import { type Connection, type FieldPacket, type QueryError, createConnection } from 'mysql2';
import type { MemberAddress } from '../../common/members.ts';
import type { Results, Row } from '../ports.ts';
import type { Limit } from './limit.ts';

/** Whom to connect to, as whom. */
export interface Target {
  readonly member: MemberAddress;
  readonly user: string;
  readonly password: string;
  /** Default schema; none: statements qualify their tables. */
  readonly database?: string;
}

/**
 * READ COMMITTED: a write that waited for another's row lock must then see what that one committed. The server closes what
 * was idle for two minutes, so that a burst's connections do not stay.
 */
const SETTINGS = [
  'session_track_gtids=OWN_GTID',
  "transaction_isolation='READ-COMMITTED'",
  "time_zone='+00:00'",
  "sql_mode='STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'",
  'wait_timeout=120',
  // Seconds. Who waits longer for a row waits for a commit that hangs; it asks again, perhaps elsewhere.
  'innodb_lock_wait_timeout=1',
].join(', ');

interface Header {
  readonly affectedRows: number;
  readonly stateChanges?: { readonly gtids: readonly string[] };
}

/** One connection. Statements with values: `?`, escaped here, since a packet of several statements cannot be prepared. */
export class Session {
  readonly #connection: Connection;
  #lost = false;

  private constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Connects and logs in.
   * @param onLost called once when the connection ends by itself, not by {@link destroy}
   * @throws the driver's error, or what ends the limit
   */
  static async open(target: Target, limit: Limit, onLost: (session: Session) => void): Promise<Session> {
    const { member, user, password, database } = target;
    const connection = createConnection({
      host: member.host, port: member.port, user, password, ...(database === undefined ? {} : { database }),
      multipleStatements: true, charset: 'utf8mb4', dateStrings: true, jsonStrings: true, supportBigNumbers: true, timezone: 'Z',
      flags: ['-LOCAL_FILES', '-FOUND_ROWS'],
      // The limit ends it; the driver's own timer must only not come first.
      connectTimeout: 60_000,
    });
    const session = new Session(connection);
    const opened = new Promise<void>((resolve, reject) => {
      connection.once('connect', () => resolve());
      connection.on('error', reject);
    });
    try {
      await limit.race(opened);
      await limit.race(session.send(`SET SESSION ${SETTINGS}`, []));
    } catch (error) {
      session.destroy();
      throw error;
    }
    const end = (): void => {
      if (session.#lost) return;
      session.#lost = true;
      onLost(session);
    };
    connection.on('error', end);
    connection.on('end', end);
    return session;
  }

  /** True once nothing can be sent any more. */
  get lost(): boolean {
    return this.#lost;
  }

  /**
   * Sends one packet and reads all its results. After {@link destroy} it never settles: race it against a {@link Limit}.
   * @throws the driver's error; what the packet did before it is unknown unless its statements say so
   */
  send(sql: string, values: readonly unknown[]): Promise<Results> {
    return new Promise((resolve, reject) => {
      this.#connection.query({ sql, values: [...values] }, (error: QueryError | null, result: unknown, fields: unknown) => {
        if (error === null) resolve(readResults(result, fields));
        else reject(error);
      });
    });
  }

  /** Closes the connection at once. A statement that runs there may still be carried out. */
  destroy(): void {
    this.#lost = true;
    this.#connection.destroy();
    // The driver only says goodbye, and goes on reading; a member that hangs would keep the socket for as long.
    (this.#connection as unknown as { readonly stream: Duplex }).stream.destroy();
  }
}

/** mysql2 gives one result bare, several as an array beside an array of fields, where a statement without rows has none. */
function readResults(result: unknown, fields: unknown): Results {
  const several = Array.isArray(fields) && (fields as readonly (FieldPacket | FieldPacket[] | undefined)[]).some((entry) => entry === undefined || Array.isArray(entry));
  const all = (several ? result : [result]) as readonly (readonly Row[] | Header)[];
  const sets = all.filter((one): one is readonly Row[] => Array.isArray(one));
  const headers = all.filter((one): one is Header => !Array.isArray(one));
  const gtid = headers.flatMap(({ stateChanges }) => stateChanges?.gtids ?? []).at(-1);
  return { sets, affectedRows: headers.at(-1)?.affectedRows ?? 0, ...(gtid === undefined ? {} : { gtid }) };
}
