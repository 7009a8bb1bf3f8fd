import type { Primary, Replica, Topology } from '../ports.ts';
import type { Clock } from './clock.ts';
import { Rounds } from './flights.ts';

/** Whom a member receives from; `SERVICE_STATE` is OFF on a fenced one. */
const RECEIVER = `SELECT SERVICE_STATE AS state, SOURCE_UUID AS source FROM performance_schema.replication_connection_status WHERE CHANNEL_NAME = ''`;

/** Whether a member may be the primary: a deposed one is closed or read-only as soon as its operator has reached it. */
const OPEN = 'SELECT @@global.read_only + @@global.offline_mode AS barred';

/** Milliseconds that a replica has for the answer, and for itself before the others are asked as well. */
const [CONFIRM_MS, HEAD_START_MS] = [200, 20];
/** The same for the primary, whose rows are waited for as long. */
const PRIMARY_MS = 2000;
/**
 * Milliseconds between two questions: reads that come in between share the next. Without a pause each process asked again as
 * soon as it was answered, more often than it read pages.
 */
const SPACING_MS = 5;

/**
 * Proves that a primary has not been followed by another: a deposed one that is cut off from its replicas answers reads
 * for ever. Every promotion first fences N − A members. If A replicas still receive from the primary and it is open itself,
 * these A + 1 have a member in common with any such set: nobody had been promoted when the first of them was asked, and all
 * that was acknowledged before is on the primary, whether its rows were read sooner or later than that. Its sessions end
 * before anything that hangs there can be seen.
 */
export class Confirmation {
  private readonly topology: Pick<Topology, 'replicas'>;
  private readonly acknowledgements: number;
  private readonly clock: Clock;
  private readonly rounds = new Rounds<boolean>(() => this.turnToAsk());
  private askedAt = -Infinity;
  private turn = 0;

  /** @param acknowledgements A of the cluster when whole */
  constructor(topology: Pick<Topology, 'replicas'>, acknowledgements: number, clock: Clock) {
    this.topology = topology;
    this.acknowledgements = acknowledgements;
    this.clock = clock;
  }

  /**
   * True when the primary, asked after this call, is open, and A replicas receive from it. Questions of many reads go out as one.
   */
  stands(primary: Primary): Promise<boolean> {
    return this.rounds.join(`${primary.epoch}:${primary.serverUuid}`, () => this.ask(primary));
  }

  private async turnToAsk(): Promise<void> {
    const leftMs = this.askedAt + SPACING_MS - this.clock.now();
    if (leftMs > 0) await this.clock.sleep(leftMs);
    this.askedAt = this.clock.now();
  }

  /** A replicas, in turn; the others only where one of these says no, or is late. */
  private async ask(primary: Primary): Promise<boolean> {
    const replicas = this.topology.replicas().filter(({ serverUuid }) => serverUuid !== primary.serverUuid);
    this.turn += 1;
    const inTurn = replicas.map((_, index) => replicas[(index + this.turn) % replicas.length]).filter((replica) => replica !== undefined);
    const asked = (some: readonly Replica[]): Promise<void>[] => some.map((replica) => confirmed(replica, primary));
    const first = asked(inTurn.slice(0, this.acknowledgements));
    const [open, follow] = await Promise.all([isOpen(primary), this.follow(first, () => asked(inTurn.slice(this.acknowledgements)))]);
    return open && follow;
  }

  private async follow(first: readonly Promise<void>[], others: () => readonly Promise<void>[]): Promise<boolean> {
    if (await this.inTime(atLeast(this.acknowledgements, first))) return true;
    return atLeast(this.acknowledgements, [...first, ...others()]);
  }

  private async inTime(answer: Promise<boolean>): Promise<boolean> {
    const over = new AbortController();
    const late = this.clock.sleep(HEAD_START_MS, over.signal).then(() => false, () => false);
    return Promise.race([answer, late]).finally(() => over.abort());
  }
}

async function isOpen({ pool }: Primary): Promise<boolean> {
  const { sets } = await pool.run(OPEN, [], { deadlineMs: PRIMARY_MS });
  return Number(sets[0]?.[0]?.['barred']) === 0;
}

async function confirmed(replica: Replica, primary: Primary): Promise<void> {
  if (!(await receivesFrom(replica, primary))) throw new Error(`${replica.pool.member.name} does not receive from the primary`);
}

async function receivesFrom({ pool }: Replica, primary: Primary): Promise<boolean> {
  const { sets } = await pool.run(RECEIVER, [], { deadlineMs: CONFIRM_MS });
  const row = sets[0]?.[0];
  return row?.['state'] === 'ON' && row['source'] === primary.serverUuid;
}

/** True as soon as so many have resolved, false as soon as that cannot be any more. */
function atLeast(count: number, promises: readonly Promise<unknown>[]): Promise<boolean> {
  return new Promise((resolve) => {
    let missing = count;
    let left = promises.length;
    const settled = (good: number): void => {
      missing -= good;
      left -= 1;
      if (missing <= 0) resolve(true);
      else if (left < missing) resolve(false);
    };
    if (missing <= 0) resolve(true);
    else if (left < missing) resolve(false);
    for (const promise of promises) promise.then(() => settled(1), () => settled(0));
  });
}
