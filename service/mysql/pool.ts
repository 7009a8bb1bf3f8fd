import type { MemberAddress } from '../../common/members.ts';
import type { MemberPool, Results, RunOptions } from '../ports.ts';
import { keepsSession } from './errors.ts';
import { Limit } from './limit.ts';
import { Session, type Target } from './session.ts';

/** What a pool needs beside its target. */
export interface PoolOptions {
  /** Connections at most; further round trips wait for one within their deadline. */
  readonly size: number;
  /** Called when a connection that nobody used was ended by the other side: the first sign of a member's death. */
  readonly onLost?: () => void;
}

/** Kept connections to one member; the last one used is used first, so that the rest can time out. */
export class Pool implements MemberPool {
  readonly member: MemberAddress;
  readonly #target: Target;
  readonly #options: PoolOptions;
  #idle: Session[] = [];
  #free: number;
  readonly #waiting: (() => void)[] = [];
  #closed = false;

  constructor(target: Target, options: PoolOptions) {
    this.member = target.member;
    this.#target = target;
    this.#options = options;
    this.#free = options.size;
  }

  async run(sql: string, values: readonly unknown[], options: RunOptions): Promise<Results> {
    using limit = new Limit(options, `A statement on ${this.member.name}`);
    await this.#takeSlot(limit);
    try {
      return await this.#runOn(this.#idle.pop() ?? (await Session.open(this.#target, limit, (session) => this.#onLost(session))), limit, { sql, values });
    } finally {
      this.#giveSlot();
    }
  }

  /** Closes every connection; round trips under way end with an error at their limit at the latest. */
  close(): void {
    this.#closed = true;
    for (const session of this.#idle) session.destroy();
    this.#idle = [];
  }

  async #runOn(session: Session, limit: Limit, packet: { readonly sql: string; readonly values: readonly unknown[] }): Promise<Results> {
    try {
      const results = await limit.race(session.send(packet.sql, packet.values));
      this.#keep(session);
      return results;
    } catch (error) {
      if (keepsSession(error)) this.#keep(session);
      else session.destroy();
      throw error;
    }
  }

  #keep(session: Session): void {
    if (this.#closed) session.destroy();
    else if (!session.lost) this.#idle.push(session);
  }

  #onLost(session: Session): void {
    const wasIdle = this.#idle.includes(session);
    this.#idle = this.#idle.filter((other) => other !== session);
    if (wasIdle) this.#options.onLost?.();
  }

  async #takeSlot(limit: Limit): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    const turn = Promise.withResolvers<void>();
    this.#waiting.push(turn.resolve);
    try {
      await limit.race(turn.promise);
    } catch (error) {
      const place = this.#waiting.indexOf(turn.resolve);
      // Not in the queue any more: the slot was given in the same moment, so it goes to the next.
      if (place === -1) this.#giveSlot();
      else this.#waiting.splice(place, 1);
      throw error;
    }
  }

  #giveSlot(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}
