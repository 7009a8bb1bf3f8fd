import { USERS } from '../../common/names.ts';
import type { OpenSession, Session } from '../mysql/session.ts';
import type { Random } from './random.ts';
import { simulatedSessions } from './session.ts';
import { newProcess } from './timeline.ts';
import { HOST } from './world.ts';
import type { World } from './world.ts';

/** How long the service waits for one write, and for one look at a member, ms. */
const [WRITE_MS, LOOK_MS] = [1000, 300];
/** Between two looks for the primary, ms. */
const AGAIN_MS = 50;
/** A request is given up after so long, ms. */
const GIVE_UP_MS = 10_000;
/** A replica that has not heard its source for so long is not read, ms. */
const FRESH_MS = 1000;

/** What the clients of a schedule do. */
export interface Load {
  readonly writers: number;
  /** Between two writes of one writer, ms. */
  readonly pauseMs: number;
}

/** Writers that find the primary as the service does, try again under the same key, and read replicas. */
export class Clients {
  /** Writes that were acknowledged, by the time when they began. */
  lastBegun = -1;
  acknowledged = 0;
  /** No new write begins. */
  stopped = false;
  #gapMs = 0;
  #last = 0;
  readonly #world: World;
  readonly #random: Random;
  readonly #open: OpenSession;
  /** The highest epoch that any of them has seen: never back to a lower one. */
  #epoch = 0;

  constructor(world: World, random: Random, load: Load) {
    this.#world = world;
    this.#random = random;
    this.#open = simulatedSessions(world, { process: newProcess('clients'), host: HOST.clients });
    for (let writer = 0; writer < load.writers; writer += 1) void this.#write(writer, load.pauseMs);
    this.#read();
  }

  async #write(writer: number, pauseMs: number): Promise<void> {
    let session: Session | undefined;
    for (let number = 0; !this.stopped; number += 1) {
      await this.#sleep(this.#random.between(0.5, 1.5) * pauseMs);
      const begun = this.#world.timeline.now;
      while (this.#world.timeline.now - begun < GIVE_UP_MS) {
        session ??= await this.#findPrimary();
        if (session === undefined) await this.#sleep(AGAIN_MS);
        else if (await answered(session, `w${writer}-${number}`)) {
          this.#succeeded();
          this.lastBegun = Math.max(this.lastBegun, begun);
          break;
        } else {
          session.end();
          session = undefined;
        }
      }
    }
  }

  /** Longest time without an acknowledged write since the first, ms. */
  gapMs(): number {
    return Math.max(this.#gapMs, this.#world.timeline.now - this.#last);
  }

  #succeeded(): void {
    const { now } = this.#world.timeline;
    if (this.acknowledged > 0) this.#gapMs = Math.max(this.#gapMs, now - this.#last);
    this.acknowledged += 1;
    this.#last = now;
  }

  async #findPrimary(): Promise<Session | undefined> {
    const found = await Promise.all(this.#world.addresses.map((member) => this.#look(member)));
    let best: { epoch: number; session: Session } | undefined;
    for (const one of found) {
      if (one === undefined) continue;
      if (one.epoch >= Math.max(this.#epoch, best?.epoch ?? 0)) {
        best?.session.end();
        best = one;
      } else one.session.end();
    }
    this.#epoch = Math.max(this.#epoch, best?.epoch ?? 0);
    return best?.session;
  }

  async #look(member: World['addresses'][number]): Promise<{ epoch: number; session: Session } | undefined> {
    const session = await this.#open({ member, login: { user: USERS.service, password: '' }, via: 'clients', deadlineMs: LOOK_MS }).catch(() => undefined);
    const rows = await session?.query('FIND', LOOK_MS).catch(() => undefined);
    if (session !== undefined && rows?.[0] !== undefined) return { epoch: Number(rows[0]['epoch']), session };
    session?.end();
    return undefined;
  }

  /** A read of a replica that follows the newest known primary: what it shows must stay. */
  #read(): void {
    const { members, timeline, checks } = this.#world;
    const member = this.#random.pick(members);
    const { mysqld, disk } = member;
    const hears = mysqld?.replication.receiver === 'on' && (mysqld.replication.heardMs() ?? Infinity) < FRESH_MS;
    if (mysqld !== undefined && mysqld.process.pausedAt === undefined && !mysqld.offline && !mysqld.stopping && mysqld.readOnly && hears && (disk.row?.epoch ?? 0) >= this.#epoch) checks.shown(member);
    timeline.after(this.#random.between(200, 800), () => this.#read());
  }

  #sleep(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#world.timeline.after(ms, resolve);
    return promise;
  }
}

const answered = (session: Session, key: string): Promise<boolean> => session.query('WRITE', WRITE_MS, [key]).then(() => true, () => false);
