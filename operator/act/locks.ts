import { quorum } from '../../common/members.ts';
import type { MemberAddress } from '../../common/members.ts';
import { MEMBER_LOCK } from '../../common/names.ts';
import type { Login, OpenSession, Row, Session } from '../mysql/session.ts';
import type { Clock } from '../ports.ts';

/** The server ends a lock's session that nobody speaks in for so long: an operator that stands still loses its locks. */
const IDLE_SECONDS = 20;
/** How often an idle session is spoken in, ms. */
const KEEP_ALIVE_MS = 5000;
const CONNECT_MS = 1000;
/** A statement with a longer deadline occupies its session, ms. */
const LONG_MS = 60_000;

/** Thrown when a command may not run, since this operator does not hold the locks it needs. */
export class NotLeadingError extends Error {
  override name = 'NotLeadingError';
}

/** What {@link Locks} needs. */
export interface LockAccess {
  readonly login: Login;
  readonly open: OpenSession;
  readonly clock: Clock;
}

/** The lock of one member, and the session that holds it: every command on the member runs in it. */
export class MemberLock {
  readonly member: MemberAddress;
  readonly #access: LockAccess;
  readonly #lost: () => void;
  #session: Session | undefined;
  #taking: Promise<boolean> | undefined;
  #closed = false;
  #running = 0;
  #long = 0;
  #usedAt = 0;

  /** @param lost called when a held lock is gone, by whatever cause */
  constructor(member: MemberAddress, access: LockAccess, lost: () => void) {
    this.member = member;
    this.#access = access;
    this.#lost = lost;
  }

  get held(): boolean {
    return this.#session?.alive === true;
  }

  /** A statement runs there that takes minutes by nature: nothing else is asked of the session until it ends. */
  get occupied(): boolean {
    return this.#long > 0;
  }

  /** Takes the lock when it is free; does nothing when it is held here. Never rejects. */
  take(): Promise<boolean> {
    if (this.held) return Promise.resolve(true);
    this.#taking ??= this.#take().catch(() => false).finally(() => (this.#taking = undefined));
    return this.#taking;
  }

  /** Whether nobody holds it; false also when the member does not answer. */
  async free(): Promise<boolean> {
    const session = await this.#open().catch(() => undefined);
    const rows = await session?.query('SELECT IS_FREE_LOCK(?) AS free', CONNECT_MS, [MEMBER_LOCK]).catch(() => undefined);
    session?.end();
    return rows?.[0]?.['free'] === 1;
  }

  /** Gives it back for good. */
  close(): void {
    this.#closed = true;
    this.release();
  }

  /** Gives it back. */
  release(): void {
    this.#session?.end();
    this.#session = undefined;
  }

  /**
   * Runs a statement in the session that holds the lock.
   * @throws NotLeadingError without the lock; DeadlineError when it hangs, and the lock is given up with the session
   */
  async run(sql: string, deadlineMs: number, values: readonly unknown[] = []): Promise<readonly Row[]> {
    const session = this.#session;
    if (session?.alive !== true) throw new NotLeadingError(`${this.member.name}: the lock is not held, so nothing is done there`);
    const long = Number(deadlineMs > LONG_MS);
    this.#running += 1;
    this.#long += long;
    try {
      return await session.query(sql, deadlineMs, values);
    } catch (error) {
      if (error instanceof Error && error.name === 'DeadlineError') await this.#abandon(session);
      throw error;
    } finally {
      this.#running -= 1;
      this.#long -= long;
      this.#usedAt = this.#access.clock.now();
    }
  }

  /** Waits until the session that holds it is gone, for a while; for what ends mysqld. */
  async gone(deadlineMs: number): Promise<void> {
    await Promise.race([this.#session?.lost, new Promise<void>((resolve) => this.#access.clock.after(deadlineMs, resolve))]);
  }

  /** Speaks in an idle session, so that the server keeps it. */
  async keepAlive(now: number): Promise<void> {
    if (!this.held || this.#running > 0 || now - this.#usedAt < KEEP_ALIVE_MS) return;
    await this.run('DO 0', CONNECT_MS).catch(() => undefined);
  }

  /** Ends an own session whose statement hangs: it would keep the lock from us until that ends. */
  async #abandon(session: Session): Promise<void> {
    this.release();
    const other = await this.#open().catch(() => undefined);
    const holder = await other?.query('SELECT IS_USED_LOCK(?) AS id', CONNECT_MS, [MEMBER_LOCK]).catch(() => undefined);
    if (holder?.[0]?.['id'] === session.id) await other?.query(`KILL ${session.id}`, CONNECT_MS).catch(() => undefined);
    other?.end();
  }

  async #take(): Promise<boolean> {
    const session = await this.#open();
    try {
      await session.query(`SET SESSION wait_timeout = ${IDLE_SECONDS}, SESSION lock_wait_timeout = 5`, CONNECT_MS);
      const [row] = await session.query('SELECT GET_LOCK(?, 0) AS got', CONNECT_MS, [MEMBER_LOCK]);
      if (row?.['got'] === 1 && session.alive && !this.#closed) {
        this.#session = session;
        this.#usedAt = this.#access.clock.now();
        void session.lost.then(this.#lost);
        return true;
      }
    } catch {
      // The member is going away; it is tried again.
    }
    session.end();
    return false;
  }

  #open(): Promise<Session> {
    const { open, login } = this.#access;
    return open({ member: this.member, login, via: 'admin', deadlineMs: CONNECT_MS });
  }
}

/**
 * Who acts: whoever holds the locks of N − A members, since any two such sets share one. Another stands by until enough
 * are free, so that it takes none from the acting one piece by piece.
 */
export class Locks {
  readonly all: readonly MemberLock[];
  readonly #clock: Clock;
  readonly #quorum: number;
  #needed: number;
  #reign = 0;
  #maintaining: Promise<void> | undefined;
  #seizing = false;

  constructor(members: readonly MemberAddress[], access: LockAccess) {
    this.#clock = access.clock;
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

  /** Takes what is missing. A minority is given back at once. Never rejects. */
  maintain(): Promise<void> {
    if (this.#seizing) return Promise.resolve();
    this.#maintaining ??= this.#maintain().finally(() => (this.#maintaining = undefined));
    return this.#maintaining;
  }

  async #maintain(): Promise<void> {
    await Promise.all(this.all.map((lock) => lock.keepAlive(this.#clock.now())));
    if (!this.leads && (await this.#countFree()) < this.#needed) return this.release();
    await Promise.all(this.all.map((lock) => lock.take()));
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

  async #countFree(): Promise<number> {
    const free = await Promise.all(this.all.map(async (lock) => lock.held || (await lock.free())));
    return free.filter(Boolean).length;
  }
}
