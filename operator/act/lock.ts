import { randomUUID } from 'node:crypto';
import type { MemberAddress } from '../../common/members.ts';
import { MEMBER_LOCK } from '../../common/names.ts';
import type { Login, OpenSession, Row, Session } from '../mysql/session.ts';
import type { Clock, Platform } from '../ports.ts';

/** The server ends a lock's session that nobody speaks in for so long: an operator that stands still loses its locks. */
const IDLE_SECONDS = 20;
/** How often an idle session is spoken in, ms. */
const KEEP_ALIVE_MS = 5000;
const CONNECT_MS = 1000;
/** A statement with a longer deadline occupies its session, ms. */
const LONG_MS = 60_000;
/** How long an ended session may keep its lock, and between two looks at it, ms. */
const [ENDED_MS, ENDED_LOOK_MS] = [500, 10];

/** Thrown when a command may not run, since this operator does not hold the locks it needs. */
export class NotLeadingError extends Error {
  override name = 'NotLeadingError';
}

/** Beside the member's lock its session holds one that nobody else has ever heard of: a session with that is this one, whatever was restarted. */
const TAKE = 'SELECT GET_LOCK(?, 0) AS got, GET_LOCK(?, 0) AS marked';
const HOLDERS = 'SELECT IS_USED_LOCK(?) AS id, IS_USED_LOCK(?) AS marked';

/** What {@link Locks} needs. */
export interface LockAccess {
  readonly login: Login;
  readonly open: OpenSession;
  readonly clock: Clock;
  /** Says whose turn it is. */
  readonly platform: Pick<Platform, 'mayTakeLocks' | 'yields'>;
}

/** The lock of one member, and the session that holds it: every command on the member runs in it. */
export class MemberLock {
  readonly member: MemberAddress;
  readonly #access: LockAccess;
  readonly #lost: () => void;
  #session: Session | undefined;
  #taking: Promise<boolean> | undefined;
  #asker: Session | undefined;
  #asking: Promise<boolean> | undefined;
  #closed = false;
  #running = 0;
  #long = 0;
  #usedAt = 0;
  #mark = '';

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

  /** Whether nobody holds it; false also when the member does not answer. Asked all the time by who stands by, so in a session that is kept. */
  free(): Promise<boolean> {
    this.#asking ??= this.#ask().catch(() => false).finally(() => (this.#asking = undefined));
    return this.#asking;
  }

  /**
   * Ends the session of another operator that holds it, and takes it. Only for who may: see `Platform.mayTakeLocks`. A
   * session that waits in a commit would keep its lock; that is why none that holds one ever commits. Never rejects.
   */
  async wrest(): Promise<boolean> {
    const session = await this.#open().catch(() => undefined);
    const holder = await session?.query('SELECT IS_USED_LOCK(?) AS id', CONNECT_MS, [MEMBER_LOCK]).catch(() => undefined);
    const id = Number(holder?.[0]?.['id'] ?? 0);
    if (id > 0 && id !== this.#session?.id) await session?.query(`KILL ${id}`, CONNECT_MS).catch(() => undefined);
    session?.end();
    const until = this.#access.clock.now() + ENDED_MS;
    while (!(await this.take())) {
      if (session === undefined || this.#access.clock.now() > until) return false;
      await this.#access.clock.sleep(ENDED_LOOK_MS);
    }
    return true;
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
    if (this.#closed) this.#asker?.end();
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

  /** Whether nobody has spoken in its session for a while. */
  isIdle(now: number): boolean {
    return this.held && this.#running === 0 && now - this.#usedAt >= KEEP_ALIVE_MS;
  }

  /** Speaks in an idle session, so that the server keeps it. */
  async keepAlive(now: number): Promise<void> {
    if (!this.isIdle(now)) return;
    await this.run('DO 0', CONNECT_MS).catch(() => undefined);
  }

  /**
   * Ends an own session whose statement hangs: it would keep the lock from us until that ends. A server that has started
   * since gives its numbers anew, and the same one may be another operator's.
   */
  async #abandon(session: Session): Promise<void> {
    this.release();
    const mark = this.#mark;
    const other = await this.#open().catch(() => undefined);
    const [holders] = (await other?.query(HOLDERS, CONNECT_MS, [MEMBER_LOCK, mark]).catch(() => undefined)) ?? [];
    if (holders?.['id'] === session.id && holders['marked'] === session.id) await other?.query(`KILL ${session.id}`, CONNECT_MS).catch(() => undefined);
    other?.end();
  }

  async #ask(): Promise<boolean> {
    if (this.#asker?.alive !== true) this.#asker = await this.#open();
    try {
      const rows = await this.#asker.query('SELECT IS_FREE_LOCK(?) AS free', CONNECT_MS, [MEMBER_LOCK]);
      return rows[0]?.['free'] === 1;
    } catch (error) {
      this.#asker.end();
      throw error;
    }
  }

  async #take(): Promise<boolean> {
    const session = await this.#open();
    try {
      await session.query(`SET SESSION wait_timeout = ${IDLE_SECONDS}, SESSION lock_wait_timeout = 5`, CONNECT_MS);
      const mark = `holdfast.${randomUUID()}`;
      const [row] = await session.query(TAKE, CONNECT_MS, [MEMBER_LOCK, mark]);
      if (row?.['got'] === 1 && session.alive && !this.#closed) {
        this.#session = session;
        this.#mark = mark;
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
