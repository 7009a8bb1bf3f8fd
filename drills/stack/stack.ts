import { readFileSync } from 'node:fs';
import { createConnection, type Connection } from 'mysql2/promise';
import { USERS } from '../../common/names.ts';
import { numbered, pathsIn, portsFrom } from '../../local/stack/layout.ts';
import { Problem } from '../../local/programs/problem.ts';
import { runningRecord } from '../../local/supervisor/record.ts';
import { ailments } from './health.ts';
import { readStatus, type StackStatus } from './status.ts';
import { until } from './wait.ts';

/** A running stack as a drill sees it from outside. */
export class Stack {
  readonly dataDir: string;
  readonly statusPort: number;
  /** Where the edge listens. */
  readonly url: string;
  readonly basePort: number;
  readonly #secrets: Readonly<Record<string, string>>;

  private constructor(dataDir: string, statusPort: number, { url, basePort }: StackStatus) {
    this.dataDir = dataDir;
    this.statusPort = statusPort;
    this.url = url;
    this.basePort = basePort;
    this.#secrets = JSON.parse(readFileSync(pathsIn(dataDir).secrets, 'utf8')) as Record<string, string>;
  }

  /**
   * The stack whose supervisor runs on a data folder.
   * @throws Problem when none runs there
   */
  static async find(dataDir: string, signal: AbortSignal): Promise<Stack> {
    const record = runningRecord(pathsIn(dataDir).record);
    if (record === undefined) throw new Problem(`No stack runs on ${dataDir}: start it with npm start, or leave out --here.`);
    const status = await readStatus(record.statusPort, signal);
    return new Stack(dataDir, record.statusPort, status);
  }

  /** What its supervisor says now. */
  status(signal: AbortSignal): Promise<StackStatus> {
    return readStatus(this.statusPort, signal);
  }

  /**
   * A password of the data folder.
   * @param name an entry of USERS, or `redis`
   */
  password(name: string): string {
    const password = this.#secrets[name];
    if (password === undefined) throw new Problem(`${pathsIn(this.dataDir).secrets} has no password for ${name}: was it made by another version?`);
    return password;
  }

  /**
   * A session on a member's admin port, with the rights to read all of the schema and to change system variables.
   * The caller ends it.
   * @param name such as `mysql-0`
   */
  async sql(name: string): Promise<Connection> {
    const member = numbered('mysql').find((one) => one.name === name);
    if (member === undefined) throw new Error(`The stack has no member ${name}.`);
    const connection = await createConnection({
      host: '127.0.0.1', port: portsFrom(this.basePort).mysqlAdmin(member.index), user: USERS.operator, password: this.password(USERS.operator),
      connectTimeout: 3000, supportBigNumbers: true, dateStrings: true,
    });
    // A member that dies while nothing is asked of it; whoever asks next gets the error.
    connection.on('error', () => undefined);
    return connection;
  }

  /**
   * Waits until nothing ails it.
   * @throws Error whose message names what is still missing
   */
  async waitForHealth(boundMs: number, signal: AbortSignal): Promise<void> {
    let missing: readonly string[] = [];
    const look = async (): Promise<true | null> => {
      missing = ['its supervisor does not answer'];
      missing = ailments(await this.status(signal));
      return missing.length === 0 ? true : null;
    };
    try {
      await until({ what: 'Full health', boundMs, everyMs: 100, signal }, look);
    } catch (error) {
      signal.throwIfAborted();
      throw new Unhealthy(missing, boundMs, { cause: error });
    }
  }
}

/** A stack that did not become whole in time. */
export class Unhealthy extends Error {
  override name = 'Unhealthy';
  readonly missing: readonly string[];
  constructor(missing: readonly string[], boundMs: number, options: ErrorOptions) {
    super(`The stack is not healthy after ${boundMs} ms: ${missing.join('; ')}.`, options);
    this.missing = missing;
  }
}
