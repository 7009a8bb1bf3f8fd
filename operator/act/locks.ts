import { quorum } from '../../common/members.ts';
import type { MemberAddress } from '../../common/members.ts';
import { MemberLock, NotLeadingError } from './lock.ts';
import type { LockAccess } from './lock.ts';

export { NotLeadingError };
export type { LockAccess, MemberLock };

/** How long a member may take once it is certain what the others say, ms: a dead one must hold up nobody. */
const GRACE_MS = 30;
/** How long an operator without the lease leaves free locks to the one that has it, ms. */
const YIELD_MS = 400;

/**
 * Who acts: whoever holds the locks of N − A members, since any two such sets share one. Another stands by until enough
 * are free, so that it takes none from the acting one piece by piece.
 */
export class Locks {
  readonly all: readonly MemberLock[];
  readonly #access: LockAccess;
  readonly #quorum: number;
  #needed: number;
  #reign = 0;
  #maintaining: Promise<void> | undefined;
  #seizing = false;
  #freeSince: number | undefined;

  constructor(members: readonly MemberAddress[], access: LockAccess) {
    this.#access = access;
    this.#quorum = quorum(members.length);
    this.#needed = this.#quorum;
    this.all = members.map((member) => new MemberLock(member, access, () => this.#countLoss()));
  }

  /**
   * The number of the time since which this operator has led without a break. What was begun in an earlier one must not
   * go on: another may have acted in between (a sleeper that wakes, takes free locks and opens a deposed primary).
   */
  get reign(): number {
    return this.#reign;
  }

  /** Whether this operator may act. */
  get leads(): boolean {
    return this.all.filter(({ held }) => held).length >= this.#needed;
  }

  /**
   * The lock of a member, to act there.
   * @throws NotLeadingError when fewer than N − A locks are held
   */
  of(name: string): MemberLock {
    if (!this.leads) throw new NotLeadingError(`fewer than ${this.#needed} members' locks are held, so nothing is done on ${name}`);
    const lock = this.all.find(({ member }) => member.name === name);
    if (lock === undefined) throw new NotLeadingError(`there is no member ${name}`);
    return lock;
  }

  /** Whether {@link maintain} has anything to do. */
  needCare(): boolean {
    const now = this.#access.clock.now();
    return this.all.some((lock) => !lock.held || lock.isIdle(now));
  }

  /** Takes what is missing. A minority is given back at once. Never rejects. */
  maintain(): Promise<void> {
    if (this.#seizing) return Promise.resolve();
    this.#maintaining ??= this.#maintain().finally(() => (this.#maintaining = undefined));
    return this.#maintaining;
  }

  async #maintain(): Promise<void> {
    const { clock, platform } = this.#access;
    if (this.all.some((lock) => lock.isIdle(clock.now()))) await this.#each((lock) => lock.keepAlive(clock.now()).then(() => true));
    if (!this.leads) {
      const free = (await this.#countFree()) >= this.#needed;
      const mine = free ? this.#turn(clock.now()) : await platform.mayTakeLocks();
      if (!mine) return this.release();
      if (!free) await this.#each((lock) => lock.wrest());
    }
    if (this.all.some(({ held }) => !held)) await this.#each((lock) => lock.take());
    if (this.all.filter(({ held }) => held).length >= this.#quorum) this.#needed = this.#quorum;
    if (!this.leads) this.release();
  }

  /**
   * Acts with the locks of whoever answers, fewer than N − A, until enough can be held again: only for a person who accepts
   * what may be lost by it.
   * @throws NotLeadingError when not one can be taken
   */
  async seize(): Promise<void> {
    this.#seizing = true;
    try {
      // A round of it that is under way would give back at its end what is taken here.
      await this.#maintaining;
      await Promise.all(this.all.map((lock) => lock.take()));
    } finally {
      this.#seizing = false;
    }
    const held = this.all.filter((lock) => lock.held).length;
    if (held === 0) throw new NotLeadingError('no member gives its lock: none answers, or another operator acts there');
    this.#needed = Math.min(held, this.#quorum);
  }

  /** Gives all back for good. */
  close(): void {
    for (const lock of this.all) lock.close();
  }

  /** Gives all back. */
  release(): void {
    for (const lock of this.all) lock.release();
  }

  #countLoss(): void {
    if (!this.leads) this.#reign += 1;
  }

  /** Whether free locks may be taken now. */
  #turn(now: number): boolean {
    this.#freeSince ??= now;
    return !this.#access.platform.yields() || now - this.#freeSince >= YIELD_MS;
  }

  async #countFree(): Promise<number> {
    const free = await this.#each(async (lock) => lock.held || lock.free());
    if (free < this.#needed) this.#freeSince = undefined;
    return free;
  }

  /**
   * Does something with each lock, until it is certain whether it works with enough of them, and a moment longer.
   * @returns with how many it worked
   */
  async #each(work: (lock: MemberLock) => Promise<boolean>): Promise<number> {
    const { clock } = this.#access;
    const certain = Promise.withResolvers<void>();
    const done = { yes: 0, no: 0 };
    const count = (worked: boolean): void => {
      done[worked ? 'yes' : 'no'] += 1;
      if (done.yes >= this.#quorum || done.no > this.all.length - this.#quorum) certain.resolve();
    };
    const all = Promise.all(this.all.map((lock) => work(lock).then(count, () => count(false))));
    await Promise.race([all, certain.promise.then(() => clock.sleep(GRACE_MS))]);
    return done.yes;
  }
}
