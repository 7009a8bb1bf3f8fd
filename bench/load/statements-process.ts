/** Gets a {@link StatementOrder} as a message, sends its statements, answers with a {@link StatementResult} and ends. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createConnection, type Connection } from 'mysql2/promise';
import { DATABASE } from '../../common/names.ts';
import { percentile } from '../../common/median.ts';
import type { Statement, StatementOrder, StatementResult } from './statements.ts';

/** How the service's own connections are opened. */
const open = ({ host, port, user, password }: StatementOrder): Promise<Connection> =>
  createConnection({ host, port, user, password, database: DATABASE, multipleStatements: true, charset: 'utf8mb4', dateStrings: true, supportBigNumbers: true, timezone: 'Z', flags: ['-LOCAL_FILES', '-FOUND_ROWS'] });

const valuesOf = ({ values }: Statement): unknown[] => values.map((value) => (typeof value === 'object' && value !== null ? randomBytes(value.random) : value));

async function load(order: StatementOrder): Promise<StatementResult> {
  const { statements, connections, seconds } = order;
  const opened = await Promise.all(Array.from({ length: connections }, () => open(order)));
  const times: number[] = [];
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  const endAt = startedAt + seconds * 1000;
  let at = process.pid % statements.length;
  const loop = async (connection: Connection): Promise<void> => {
    while (performance.now() < endAt) {
      const statement = statements[(at = (at + 1) % statements.length)];
      if (statement === undefined) throw new RangeError('A load of no statements: name at least one.');
      const sentAt = performance.now();
      await connection.query(statement.sql, valuesOf(statement));
      times.push(performance.now() - sentAt);
    }
  };
  await Promise.all(opened.map(loop));
  const lasted = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  for (const connection of opened) connection.destroy();
  return { done: times.length, seconds: lasted, p50Ms: percentile(times, 50), p99Ms: percentile(times, 99), cpu: (user + system) / 1e6 / lasted };
}

const [order] = (await once(process, 'message')) as [StatementOrder];
const result = await load(order);
process.send?.(result, () => process.disconnect());
