import { USERS } from '../../common/names.ts';
import { commitTo } from './disk.ts';
import type { Member } from './member.ts';
import { Replication } from './replication.ts';
import type { Done, Outcome, Sent, ServerSession } from './server.ts';
import { OK } from './server.ts';
import { execute } from './statements.ts';
import type { Process } from './timeline.ts';
import type { Transaction } from './transaction.ts';
import { describe } from './transaction.ts';

/** A commit that is in the binlog and waits for its acknowledgement. */
export interface HungCommit {
  readonly transaction: Transaction;
  /** Its place in the binlog. */
  readonly index: number;
  /** undefined for the applier's. */
  readonly session: ServerSession | undefined;
  /** Bits of the members that have acknowledged it. */
  acks: number;
  readonly finished: (how: 'committed') => void;
}

/** After SIGTERM replicas are served for up to so long, ms. */
const STOPS_MS = [100, 8000] as const;
/** After so long TCP's keepalive, as the operator sets it, gives up a connection to a machine that is gone, ms. */
const KEEPALIVE_MS = 20_000;
const ER_SERVER_SHUTDOWN: Outcome = { errno: 1053, message: 'Server shutdown in progress' };
const ER_QUERY_INTERRUPTED: Outcome = { errno: 1317, message: 'Query execution was interrupted' };

/** A running mysqld: its variables, sessions, commits. What it leaves behind is on the member's disk. */
export class Mysqld {
  readonly member: Member;
  readonly process: Process;
  readonly replication: Replication;
  readOnly = true;
  superReadOnly = true;
  offline = true;
  /** rpl_semi_sync_source_enabled */
  source = false;
  waitCount = 1;
  trace = 32;
  stopping = false;
  readonly sessions = new Map<number, ServerSession>();
  lockHolder: ServerSession | undefined;
  /** In the order of the binlog. */
  readonly hung: HungCommit[] = [];
  /** Keys of writes under way: their rows are locked. */
  readonly lockedKeys = new Set<string>();
  /** Sessions whose commit waits for the disk. */
  readonly waitingForDisk = new Set<ServerSession>();
  readonly #waiters: { readonly holds: () => boolean; readonly done: () => void }[] = [];
  #lastSession = 10;
  /** Whose idle time is looked at. */
  #watched: ServerSession | undefined;


  constructor(member: Member, process: Process) {
    this.member = member;
    this.process = process;
    this.replication = new Replication(this);
  }

  get world(): Member['world'] {
    return this.member.world;
  }

  /** Whether clients can write. */
  get isOpen(): boolean {
    return !this.readOnly && !this.offline && !this.stopping;
  }

  // Sessions

  open(session: Omit<ServerSession, 'id'>): ServerSession {
    const opened = { ...session, id: (this.#lastSession += 1) };
    this.sessions.set(opened.id, opened);
    return opened;
  }

  /** A statement has arrived. */
  receive(session: ServerSession, sent: Sent): void {
    const { statement, sql, values, sentAt } = sent;
    if (!session.alive) return;
    if (session.running !== undefined) {
      session.queue.push(sent);
      return;
    }
    if (this.stopping) {
      this.#answer(session, statement, ER_SERVER_SHUTDOWN);
      return;
    }
    session.running = { statement, sentAt, interrupt: undefined };
    execute(this, session, { sql, values, done: (outcome) => this.#finished(session, statement, outcome) });
  }

  #finished(session: ServerSession, statement: number, outcome: Outcome): void {
    if (session.running?.statement !== statement || !this.process.alive) return;
    session.running = undefined;
    session.spokeAt = this.world.timeline.now;
    if (!session.alive) {
      this.endSession(session);
      return;
    }
    this.#answer(session, statement, outcome);
    const next = session.queue.shift();
    if (next !== undefined) this.receive(session, next);
    if (session === this.lockHolder) this.#watchIdle(session);
  }

  #answer(session: ServerSession, statement: number, outcome: Outcome): void {
    if (session.alive) this.world.network.send(session.toPeer, () => session.answer(statement, outcome), session.peer);
  }

  /** wait_timeout, where it matters: it frees the lock. */
  #watchIdle(session: ServerSession): void {
    if (this.#watched === session) return;
    this.#watched = session;
    this.#idleAfter(session, session.waitTimeoutMs);
  }

  #idleAfter(session: ServerSession, ms: number): void {
    const { timeline } = this.world;
    timeline.after(ms, () => {
      const leftMs = session.spokeAt + session.waitTimeoutMs - timeline.now;
      if (!this.sessions.has(session.id)) return;
      if (session.running !== undefined) this.#watched = undefined;
      else if (leftMs > 1e-6) this.#idleAfter(session, leftMs);
      else this.endSession(session);
    }, this.process);
  }

  /** Its client has gone, which mysqld does not notice while a statement waits. */
  hangUp(session: ServerSession): void {
    session.alive = false;
    if (session.running === undefined || session.running.interrupt !== undefined) this.endSession(session);
  }

  /** KILL: what waits for an acknowledgement waits on, and keeps its lock. */
  endSession(session: ServerSession): void {
    if (session.alive) this.world.network.send(session.toPeer, () => session.loss(), session.peer);
    session.alive = false;
    session.killed = true;
    const { running } = session;
    if (running !== undefined && running.interrupt === undefined) return;
    session.running = undefined;
    this.sessions.delete(session.id);
    if (this.lockHolder === session) this.lockHolder = undefined;
    running?.interrupt?.(ER_QUERY_INTERRUPTED);
  }

  /** What a client gets that may not pass offline_mode. */
  closeOffline(): void {
    for (const session of this.sessions.values()) if (session.user === USERS.service) this.endSession(session);
  }

  // Commits

  /**
   * Writes a transaction: disk, acknowledgements, data.
   * @param make called when the disk takes it, with the number that it gets
   */
  commit(session: ServerSession | undefined, make: () => Transaction, done: Done): void {
    if (session !== undefined) this.waitingForDisk.add(session);
    this.member.whenDisk(() => {
      if (session !== undefined) this.waitingForDisk.delete(session);
      const transaction = make();
      const { disk, bit } = this.member;
      disk.log.push(transaction);
      transaction.holders |= bit;
      const commit: HungCommit = { transaction, index: disk.log.length - 1, session, acks: 0, finished: () => done(OK) };
      this.hung.push(commit);
      this.replication.feedAll();
      this.release();
    });
  }

  /** The lowest number that is neither used nor under way. */
  nextNumber(): number {
    const { executed, uuid } = this.member.disk;
    let next = executed.free(uuid);
    for (const { transaction } of this.hung) if (transaction.uuid === uuid) next = Math.max(next, transaction.number + 1);
    return next;
  }

  /** Commits what has its acknowledgements, in order. */
  release(): void {
    let released = false;
    for (let first = this.hung[0]; first !== undefined && this.#isReleased(first); first = this.hung[0]) {
      this.hung.shift();
      released = true;
      commitTo(this.member.disk, first.transaction);
      // After SIGTERM the answer says OK, but the statement after it fails, without which nobody believes it.
      const told = first.session?.alive === true && !first.session.killed && !this.stopping;
      // An operator believes its row only with the lock in its hand: that is looked at when the member opens.
      if (first.session?.user === USERS.service && told) this.world.checks.acknowledged(this.member, first);
      first.finished('committed');
    }
    if (released) this.settleWaiters();
  }

  #isReleased({ acks }: HungCommit): boolean {
    if (!this.source || this.stopping) return true;
    return bits(acks) >= this.waitCount;
  }

  // Waiting

  /** Does something once a condition holds; looked at whenever a commit ends or a variable changes. */
  when(holds: () => boolean, done: () => void): void {
    if (holds()) done();
    else this.#waiters.push({ holds, done });
  }

  /** Looks again at what waits. */
  settleWaiters(): void {
    if (this.#waiters.length === 0) return;
    const ready = this.#waiters.filter(({ holds }) => holds());
    for (const waiter of ready) this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
    for (const { done } of ready) done();
  }

  // Ends

  /**
   * SIGTERM, RESTART: nothing new, everything that hangs is answered, then the end. Receiver and applier are stopped before all
   * else: what has not reached the binlog by then stays in the relay log (tried: conformance, seeds 46 and 90).
   */
  stop(): void {
    if (this.stopping) return;
    this.stopping = true;
    this.replication.stopReceiver();
    this.replication.applier.stop();
    this.world.history?.note(this.member.name, this.hung.length === 0 ? 'stops' : `stops, and lets ${this.hung.map(({ transaction }) => describe(transaction)).join(', ')} go`);
    for (const session of this.sessions.values()) {
      if (session.user === USERS.service) this.endSession(session);
      else if (session.running?.interrupt !== undefined) this.#finished(session, session.running.statement, ER_SERVER_SHUTDOWN);
    }
    this.release();
    this.world.checks.changed(this.member);
    this.world.timeline.after(this.world.random.spread(...STOPS_MS), () => this.member.end('process'), this.process);
  }

  /** The process is gone. */
  ended(how: 'process' | 'machine'): void {
    this.replication.ended(how);
    for (const session of this.sessions.values()) {
      if (!session.alive) continue;
      if (how === 'process') this.world.network.send(session.toPeer, () => session.loss(), session.peer);
      else this.world.timeline.after(KEEPALIVE_MS, () => session.loss(), session.peer, 'packet');
    }
  }
}

function bits(set: number): number {
  let count = 0;
  for (let left = set; left > 0; left >>= 1) count += left & 1;
  return count;
}
