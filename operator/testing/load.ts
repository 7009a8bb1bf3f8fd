import { randomUUID } from 'node:crypto';
import { createConnection } from 'mysql2/promise';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { DATABASE, USERS } from '../../common/names.ts';
import type { TestMember } from '../../local/testing/servers.ts';
import type { TestCluster } from './cluster.ts';

/** Table of the tests' rows: each value is written by one client once. */
const TABLE = `${DATABASE}.probe`;

/** What writers were told. */
export interface Load {
  /** Values whose commit, and the statement after it, succeeded. */
  readonly acknowledged: readonly string[];
  /** Longest time between two acknowledgements since {@link Load.mark}, ms. */
  readonly gapMs: () => number;
  /** Forgets the longest gap. */
  readonly mark: () => void;
  /** Ends the writers after what they are at. */
  readonly stop: () => Promise<void>;
}

/** Makes the table, on the primary. */
export async function makeTable(primary: TestMember): Promise<void> {
  const connection = await primary.connect('operator');
  await connection.query(`CREATE TABLE IF NOT EXISTS ${TABLE} (id BIGINT AUTO_INCREMENT PRIMARY KEY, value VARCHAR(64) NOT NULL)`);
  await connection.end();
}

/** Writers that each find the primary themselves, as the service does. */
export function startLoad({ members, passwords, over }: TestCluster, writers = 4): Load {
  const load = randomUUID().slice(0, 8);
  const state = { stopped: false, last: performance.now(), gap: 0 };
  over.addEventListener('abort', () => (state.stopped = true));
  const acknowledged: string[] = [];
  const acknowledge = (value: string): void => {
    acknowledged.push(value);
    const now = performance.now();
    state.gap = Math.max(state.gap, now - state.last);
    state.last = now;
  };
  const work = async (writer: number): Promise<void> => {
    for (let number = 0; !state.stopped; number += 1) {
      const connection = await findPrimary(members, passwords);
      if (connection === undefined) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        continue;
      }
      try {
        for (let n = 0; !state.stopped; n += 1) acknowledge(await write(connection, `${load}-${writer}-${number}-${n}`));
      } catch {
        // Not acknowledged: counts as unknown, and another primary is looked for.
      }
      connection.destroy();
    }
  };
  const running = Array.from({ length: writers }, (_, index) => work(index));
  return {
    acknowledged,
    gapMs: () => Math.max(state.gap, performance.now() - state.last),
    mark: () => Object.assign(state, { gap: 0, last: performance.now() }),
    stop: async () => {
      state.stopped = true;
      const all = Promise.all(running);
      await Promise.race([all, new Promise((resolve) => setTimeout(resolve, 3000))]);
    },
  };
}

/** One write, acknowledged when the commit and the statement after it have succeeded. */
export async function write(connection: Connection, value: string): Promise<string> {
  await connection.query(`INSERT INTO ${TABLE} (value) VALUES (?); DO 0`, [value]);
  return value;
}

/** A client's connection to the member, without the rights that pass offline_mode and read_only. */
export async function clientOf({ host, port }: TestMember, passwords: TestCluster['passwords']): Promise<Connection> {
  const connection = await createConnection({ host, port, user: USERS.service, password: passwords['service'] ?? '', connectTimeout: 1000, multipleStatements: true });
  connection.on('error', () => undefined);
  return connection;
}

async function findPrimary(members: readonly TestMember[], passwords: TestCluster['passwords']): Promise<Connection | undefined> {
  const found = await Promise.all(members.map((member) => askPrimary(member, passwords).catch(() => undefined)));
  const [best, ...rest] = found.filter((one) => one !== undefined).sort((a, b) => b.epoch - a.epoch);
  for (const { connection } of rest) connection.destroy();
  return best?.connection;
}

async function askPrimary(member: TestMember, passwords: TestCluster['passwords']): Promise<{ epoch: number; connection: Connection } | undefined> {
  const connection = await clientOf(member, passwords);
  try {
    const [rows] = await connection.query<RowDataPacket[]>(`SELECT epoch FROM ${DATABASE}.epoch WHERE server_uuid = @@global.server_uuid AND NOT @@global.read_only AND NOT @@global.offline_mode`);
    const epoch = (rows[0] as { readonly epoch?: number } | undefined)?.epoch ?? 0;
    if (epoch > 0) return { epoch, connection };
  } catch {
    // A member that is closed or on its way out is no primary.
  }
  connection.destroy();
  return undefined;
}

/** How often each value is on a member. */
export async function rowsOn(member: TestMember): Promise<ReadonlyMap<string, number>> {
  const connection = await member.connect('operator');
  const [rows] = await connection.query<RowDataPacket[]>(`SELECT value, COUNT(*) AS times FROM ${TABLE} GROUP BY value`);
  await connection.end();
  return new Map(rows.map((row) => [String(row['value']), Number(row['times'])]));
}

/** What the cluster's executed sets are, by member. */
export async function executedOf(members: readonly TestMember[]): Promise<readonly string[]> {
  return Promise.all(members.map(async (member) => {
    const connection = await member.connect('operator');
    const [rows] = await connection.query<RowDataPacket[]>('SELECT @@global.gtid_executed AS executed');
    await connection.end();
    return String(rows[0]?.['executed']);
  }));
}
