import { DATABASE, TABLES } from '../../common/names.ts';
import type { Primary, Results, Row, Topology } from '../ports.ts';
import type { Confirmation } from './confirmation.ts';
import { formatTarget, parseTarget } from './generation-row.ts';
import type { CacheTarget } from './generation-row.ts';
import type { GenerationReading, GenerationTable } from './ports.ts';
import { highestNumber } from './version.ts';

const TABLE = `${DATABASE}.${TABLES.cacheGeneration}`;

/**
 * The row first, then the position: a write that commits between a look at the position and a change of the generation
 * would be above the floor of those who see the new generation, and not be in Redis. MySQL makes a row visible only when
 * all transactions of earlier commit groups are in `gtid_executed` (binlog_order_commits=ON, the default); a write that
 * read the generation before holds a shared lock on the row until it has committed.
 */
const READ = `
SELECT g.generation AS generation, g.redis_run_id AS target, g.owner AS owner, g.renewals AS renewals, e.epoch AS epoch, e.server_uuid AS epochUuid
FROM ${TABLE} g JOIN ${DATABASE}.${TABLES.epoch} e ON e.id = 1 WHERE g.id = 1;
SELECT @@server_uuid AS serverUuid, @@global.gtid_executed AS executed, @@global.read_only + @@global.offline_mode AS barred`;

/** The statement after the commit is what shows that it was one: mysqld that is shutting down lets hung commits return OK. */
const CHANGE = `UPDATE ${TABLE} SET generation = generation + 1, redis_run_id = ?, owner = ?, renewals = 0 WHERE id = 1 AND generation = ?; SELECT ROW_COUNT() AS changed`;
const RENEW = `UPDATE ${TABLE} SET renewals = renewals + 1 WHERE id = 1 AND generation = ? AND redis_run_id = 'off' AND owner = ?; SELECT ROW_COUNT() AS changed`;

/** Milliseconds for a look, and for a commit, which waits for its acknowledgement. */
const READ_MS = 400;
const CHANGE_MS = 1000;

/** The row on the primary that the topology names. */
export class MysqlGenerationTable implements GenerationTable {
  private readonly topology: Topology;
  private readonly confirmation: Confirmation;

  constructor(topology: Topology, confirmation: Confirmation) {
    this.topology = topology;
    this.confirmation = confirmation;
  }

  async read(): Promise<GenerationReading> {
    const primary = this.primary('Reading the cache generation');
    const [results, stands] = await Promise.all([this.run(primary, READ, [], READ_MS), this.confirmation.stands(primary)]);
    const [[row] = [], [position] = []] = results.sets;
    if (row === undefined || position === undefined) throw new Error(`Reading the cache generation: ${TABLE} has no row on ${primary.pool.member.name}; its migration makes one.`);
    return reading(row, position, stands);
  }

  async change(from: number, target: CacheTarget | undefined, owner: string): Promise<boolean> {
    const primary = this.primary('Changing the cache generation');
    const { sets } = await this.run(primary, CHANGE, [formatTarget(target), owner, from], CHANGE_MS);
    return Number(sets[0]?.[0]?.['changed']) === 1;
  }

  async renew(generation: number, owner: string): Promise<void> {
    await this.run(this.primary('Renewing the cache generation'), RENEW, [generation, owner], CHANGE_MS);
  }

  private primary(operation: string): Primary {
    const primary = this.topology.primary();
    if (primary === undefined) throw new Error(`${operation}: no primary is reached; it is tried again when one is.`);
    return primary;
  }

  private async run(primary: Primary, sql: string, values: readonly unknown[], deadlineMs: number): Promise<Results> {
    try {
      return await primary.pool.run(sql, values, { deadlineMs });
    } catch (error) {
      this.topology.suspect(primary, 'slow');
      throw error;
    }
  }
}

function reading(row: Row, position: Row, stands: boolean): GenerationReading {
  const [epoch, serverUuid] = [Number(row['epoch']), String(row['epochUuid'])];
  return {
    row: { generation: Number(row['generation']), target: parseTarget(String(row['target'])), owner: String(row['owner']), renewals: Number(row['renewals']) },
    floor: { epoch, serverUuid, n: highestNumber(String(position['executed']), serverUuid) },
    confirmed: stands && Number(position['barred']) === 0 && position['serverUuid'] === serverUuid,
  };
}
