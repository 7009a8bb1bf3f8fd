import { readFileSync } from 'node:fs';
import { createConnection, type Connection } from 'mysql2/promise';
import { USERS } from '../../common/names.ts';
import { numbered, pathsIn, portsFrom } from '../../local/stack/layout.ts';
import { Problem } from '../../local/programs/problem.ts';
import { runningRecord } from '../../local/supervisor/record.ts';
import type { Look } from '../report/sampler.ts';
import { ailments } from './health.ts';
import { readStatus, type OperatorStatus, type StackStatus } from './status.ts';
import { untilWhole, type Target } from './target.ts';

/** A running stack as a drill sees it from outside. */
export class Stack implements Target {
  readonly dataDir: string;
  readonly statusPort: number;
  /** Where the edge listens: one address. */
  readonly urls: readonly string[];
  readonly memberNames: readonly string[] = numbered('mysql').map(({ name }) => name);
  readonly basePort: number;
  readonly #secrets: Readonly<Record<string, string>>;

  private constructor(dataDir: string, statusPort: number, { url, basePort }: StackStatus) {
    this.dataDir = dataDir;
    this.statusPort = statusPort;
    this.urls = [url];
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

  async operator(signal: AbortSignal): Promise<OperatorStatus | null> {
    return (await this.status(signal)).operator;
  }

  async look(signal: AbortSignal): Promise<Look> {
    const { operator, processes } = await this.status(signal);
    return { operator, parts: processes.map(({ name, state, health }) => ({ name, state: state === 'running' && health === 'silent' ? 'silent' : state })) };
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
   * @throws Unhealthy that names what is still missing
   */
  async waitForHealth(boundMs: number, signal: AbortSignal): Promise<void> {
    const look = async (): Promise<readonly string[]> => ailments(await this.status(signal));
    await untilWhole({ look, blind: 'its supervisor does not answer', boundMs, everyMs: 100 }, signal);
  }
}
