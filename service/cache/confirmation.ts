import type { Primary, Replica, Topology } from '../ports.ts';
import { Rounds } from './flights.ts';

/** Whom a member receives from; `SERVICE_STATE` is OFF on a fenced one. */
const RECEIVER = `SELECT SERVICE_STATE AS state, SOURCE_UUID AS source FROM performance_schema.replication_connection_status WHERE CHANNEL_NAME = ''`;

/** Milliseconds that a replica has for the answer. */
const CONFIRM_MS = 200;

/**
 * Proves that a primary has not been followed by another: a deposed one that is cut off from its replicas answers reads
 * for ever. Every promotion first fences N − A members. If A replicas still receive from the primary and it is open itself,
 * these A + 1 have a member in common with any such set: nobody had been promoted when they were asked.
 */
export class Confirmation {
  private readonly topology: Pick<Topology, 'replicas'>;
  private readonly acknowledgements: number;
  private readonly rounds = new Rounds<boolean>();

  /** @param acknowledgements A of the cluster when whole */
  constructor(topology: Pick<Topology, 'replicas'>, acknowledgements: number) {
    this.topology = topology;
    this.acknowledgements = acknowledgements;
  }

  /**
   * True when A replicas, asked after this call, receive from the primary. Questions of many reads go out as one.
   * The caller looks by itself whether the primary is open, also after the call.
   */
  stands(primary: Primary): Promise<boolean> {
    return this.rounds.join(`${primary.epoch}:${primary.serverUuid}`, () => this.ask(primary));
  }

  private async ask(primary: Primary): Promise<boolean> {
    const replicas = this.topology.replicas().filter(({ serverUuid }) => serverUuid !== primary.serverUuid);
    const answers = replicas.map(async (replica) => {
      if (!(await receivesFrom(replica, primary))) throw new Error(`${replica.pool.member.name} does not receive from the primary`);
    });
    return atLeast(this.acknowledgements, answers);
  }
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
