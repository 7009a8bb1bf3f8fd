import type { Logger } from 'pino';
import { Umzug, type UmzugStorage } from 'umzug';
import { Limit } from '../mysql/limit.ts';
import { Session } from '../mysql/session.ts';
import type { Primary, Results, Row, Topology } from '../ports.ts';
import { BATCH_PROCEDURES } from './batch-procedures.ts';
import { PROCEDURES_V1, PROCEDURES_V2 } from './procedures.ts';
import { TABLES_V1 } from './tables.ts';

/** Every migration, oldest first; names are never reused. Statements are idempotent, each is a packet of its own. */
const MIGRATIONS: readonly { readonly name: string; readonly statements: readonly string[] }[] = [
  { name: '0001-tables', statements: TABLES_V1 },
  { name: '0002-procedures', statements: PROCEDURES_V1 },
  { name: '0003-batches', statements: BATCH_PROCEDURES },
  { name: '0004-places', statements: PROCEDURES_V2 },
];

/** Migrations that have run are kept here; made by whoever needs it first. */
const HISTORY = 'migration';
const LOCK = 'holdfast.migrations';

/** Milliseconds for one statement; altering a large table may take this long. */
const STATEMENT_MS = 600_000;
const LOCK_WAIT_S = 30;
/** Milliseconds between two tries. */
const PAUSE_MS = 200;

/** What the migrations need from outside. */
export interface MigrationOptions {
  readonly topology: Topology;
  /** Account that may change the schema; the member is the primary's. */
  readonly account: { readonly user: string; readonly password: string; readonly database: string };
  readonly log: Logger;
  /** Aborted: stop trying. */
  readonly signal: AbortSignal;
}

type Run = (sql: string, values?: readonly unknown[]) => Promise<Results>;

/**
 * Brings the schema up to date, through the current primary, whoever comes first; the others wait for the lock and find
 * nothing to do. Any failure, a failover in the middle as well, leads to another try.
 * @throws the signal's reason
 */
export async function migrate(options: MigrationOptions): Promise<void> {
  const { topology, log, signal } = options;
  while (true) {
    const primary = await topology.waitForPrimary(signal);
    try {
      await migrateOn(primary, options);
      return;
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      log.warn({ err: error, member: primary.pool.member.name }, 'The migrations did not come through; trying again');
      topology.suspect(primary, 'failed');
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

async function migrateOn(primary: Primary, { account, log, signal }: MigrationOptions): Promise<void> {
  using connecting = new Limit({ deadlineMs: 2000, signal }, `Connecting to ${primary.pool.member.name} for the migrations`);
  const session = await Session.open({ member: primary.pool.member, ...account }, connecting, () => undefined);
  const run: Run = async (sql, values = []) => {
    using limit = new Limit({ deadlineMs: STATEMENT_MS, signal }, 'A statement of a migration');
    return limit.race(session.send(sql, values));
  };
  try {
    await lock(run);
    await run(`CREATE TABLE IF NOT EXISTS ${HISTORY} (name VARCHAR(100) CHARACTER SET ascii NOT NULL PRIMARY KEY, executed_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP)`);
    const umzug = new Umzug({
      migrations: MIGRATIONS.map(({ name, statements }) => ({ name, up: () => runAll(run, statements) })),
      storage: history(run),
      logger: undefined,
    });
    const done = await umzug.up();
    if (done.length > 0) log.info({ migrations: done.map(({ name }) => name), member: primary.pool.member.name }, 'The schema was brought up to date');
  } finally {
    // Ends the session, and with it the lock.
    session.destroy();
  }
}

async function lock(run: Run): Promise<void> {
  const { sets } = await run(`SELECT GET_LOCK(?, ${LOCK_WAIT_S}) AS got`, [LOCK]);
  if (sets[0]?.[0]?.['got'] !== 1) throw new Error(`Another process has held the lock ${LOCK} for ${LOCK_WAIT_S} s; see whether its migrations hang`);
}

async function runAll(run: Run, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await run(statement);
}

const history = (run: Run): UmzugStorage => ({
  executed: async () => ((await run(`SELECT name FROM ${HISTORY} ORDER BY name`)).sets[0] ?? []).map((row: Row) => String(row['name'])),
  logMigration: async ({ name }) => void (await run(`INSERT IGNORE INTO ${HISTORY} (name) VALUES (?)`, [name])),
  unlogMigration: async ({ name }) => void (await run(`DELETE FROM ${HISTORY} WHERE name = ?`, [name])),
});
