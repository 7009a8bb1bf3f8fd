import type { Fill, LoadedPage, Primary, Replica, Results, Select, Topology, Version } from '../ports.ts';
import { Unavailable } from '../ports.ts';
import type { Confirmation } from './confirmation.ts';
import { Rounds } from './flights.ts';
import type { Sources } from './ports.ts';
import { gtidOf } from './version.ts';

/** Milliseconds that a member may take to catch up with a version. */
const CATCH_UP_MS = 100;
/** Milliseconds for the rows. */
const ROWS_MS = 2000;
/** Milliseconds that a member has for itself before the next one is asked as well: one that hangs must not delay the answer by all of its time. */
const HEAD_START_MS = 500;
/** The head start of a primary that has not answered the topology for a second either. */
const SHORT_HEAD_START_MS = 50;

type Run = (sql: string, values: readonly unknown[]) => Promise<Results>;

/** Pages out of MySQL: from replicas that have what is asked for, else from the primary. */
export class MysqlSources implements Sources {
  private readonly topology: Topology;
  private readonly confirmation: Confirmation;
  private readonly rounds = new Rounds<LoadedPage>();
  private turn = 0;

  constructor(topology: Topology, confirmation: Confirmation) {
    this.topology = topology;
    this.confirmation = confirmation;
  }

  async loadAt(version: Version, fill: Fill): Promise<LoadedPage> {
    const primary = this.topology.primary();
    const replica = this.nextReplica(version);
    const attempts: (() => Promise<LoadedPage>)[] = [];
    if (replica !== undefined) attempts.push(async () => ({ ...(await fill(after(version, replicaRun(replica)))), source: 'replica' }));
    if (primary !== undefined) attempts.push(async () => ({ ...(await fill(after(version, this.primaryRun(primary)))), source: 'primary' }));
    // A primary that hangs while nobody follows it any more: what its followers have is an answer, marked as such.
    attempts.push(...this.topology.lastResort().map((resort) => () => leftover(resort, fill, version)));
    return firstGood(attempts, HEAD_START_MS, `Loading a page as of ${version.epoch}:${version.n}`);
  }

  loadLatest(key: string, fill: Fill, seen: Version | undefined): Promise<LoadedPage> {
    return this.rounds.join(seen === undefined ? key : `${key}@${seen.epoch}:${seen.n}`, () => this.latest(fill, seen));
  }

  private latest(fill: Fill, seen: Version | undefined): Promise<LoadedPage> {
    const primary = this.topology.primary();
    const attempts = this.topology.lastResort().map((replica) => () => leftover(replica, fill, seen));
    if (primary !== undefined) attempts.unshift(() => this.onPrimary(primary, fill));
    return firstGood(attempts, this.topology.isCurrent() ? HEAD_START_MS : SHORT_HEAD_START_MS, 'Loading a page');
  }

  private async onPrimary(primary: Primary, fill: Fill): Promise<LoadedPage> {
    const run = this.primaryRun(primary);
    const select: Select = async (sql, values) => (await run(sql, values)).sets.at(-1) ?? [];
    const [made, stands] = await Promise.all([fill(select), this.confirmation.stands(primary)]);
    return { ...made, source: 'primary', ...(stands ? {} : { freshness: 'no-primary' as const }) };
  }

  private primaryRun(primary: Primary): Run {
    return async (sql, values) => {
      try {
        return await primary.pool.run(sql, values, { deadlineMs: ROWS_MS });
      } catch (error) {
        this.topology.suspect(primary, 'slow');
        throw error;
      }
    };
  }

  /** The replicas in turn. */
  private nextReplica({ epoch, n }: Version): Replica | undefined {
    // Without a number there is nothing to wait for, so only the primary is known to be there.
    const able = this.topology.replicas().filter((replica) => replica.epoch >= epoch && n > 0);
    this.turn += 1;
    return able[this.turn % able.length];
  }
}

const replicaRun = ({ pool }: Replica): Run => (sql, values) => pool.run(sql, values, { deadlineMs: CATCH_UP_MS + ROWS_MS });

/** Selects that fail where the version has not arrived within {@link CATCH_UP_MS}; on one connection, in one packet. */
function after(version: Version, run: Run): Select {
  return async (sql, values) => {
    const { sets } = await run(`SELECT WAIT_FOR_EXECUTED_GTID_SET(?, ${CATCH_UP_MS / 1000}) AS missing; ${sql}`, [gtidOf(version), ...values]);
    if (Number(sets[0]?.[0]?.['missing']) !== 0) throw new Error(`The member does not have ${gtidOf(version)} within ${CATCH_UP_MS} ms; another is asked.`);
    return sets.at(-1) ?? [];
  };
}

/** From a replica while no primary answers; waits a little for what the client itself has written. */
async function leftover(replica: Replica, fill: Fill, seen: Version | undefined): Promise<LoadedPage> {
  const run = replicaRun(replica);
  const select: Select = async (sql, values) => {
    const wait = seen === undefined || seen.n === 0 ? '' : `SELECT WAIT_FOR_EXECUTED_GTID_SET(?, ${CATCH_UP_MS / 1000}); `;
    const { sets } = await run(`${wait}${sql}`, wait === '' || seen === undefined ? values : [gtidOf(seen), ...values]);
    return sets.at(-1) ?? [];
  };
  return { ...(await fill(select)), source: 'replica', freshness: 'no-primary' };
}

/** The first result; each attempt begins when the one before it has failed, or has taken too long. */
function firstGood(attempts: readonly (() => Promise<LoadedPage>)[], headStartMs: number, operation: string): Promise<LoadedPage> {
  return new Promise((resolve, reject) => {
    const errors: unknown[] = [];
    const begin = (index: number): void => {
      const attempt = attempts[index];
      if (attempt === undefined) {
        if (errors.length === attempts.length) reject(noneOf(errors, operation));
        return;
      }
      const advance = once(() => begin(index + 1));
      const timer = setTimeout(advance, headStartMs);
      attempt().then(resolve, (error: unknown) => {
        errors.push(error);
        if (errors.length === attempts.length) reject(noneOf(errors, operation));
        else advance();
      }).finally(() => clearTimeout(timer));
    };
    begin(0);
  });
}

function once(act: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    act();
  };
}

function noneOf(errors: readonly unknown[], operation: string): Unavailable {
  const cause = new AggregateError(errors, 'no member gave the rows');
  return new Unavailable(`${operation}: none of ${errors.length} members that may be read gave it; try again shortly.`, { cause });
}
