import type { Mysqld } from './mysqld.ts';
import type { Transaction } from './transaction.ts';
import { describe } from './transaction.ts';
import { rowLock } from './writes.ts';

/**
 * Applies what a member has received, in order. One is executed after the other; where commits wait for acknowledgements, the
 * next ones go to the binlog behind the first, as the workers of a real applier do (tried: conformance, seed 104).
 */
export class Applier {
  readonly #mysqld: Mysqld;
  running = false;
  error = '';
  /** It is to stop once its commits are over. */
  #stops = false;
  /** One is being executed. */
  #busy = false;
  /** So many of the relay log's first are in the binlog and wait for acknowledgements. */
  #waiting = 0;
  /** What came first on a connection, or after something that was left out: it waits for all before it. */
  readonly #firsts = new Set<Transaction>();
  /** Something was committed since the last of them: only then does the coordinator know on what the next ones depend. */
  #knowsParents = false;

  constructor(mysqld: Mysqld) {
    this.#mysqld = mysqld;
  }

  /** Its commit is under way, and it cannot be stopped before its end. */
  get isCommitting(): boolean {
    return this.#waiting > 0;
  }

  start(): void {
    if (!this.running) this.#knowsParents = false;
    this.running = true;
    this.#stops = false;
    this.error = '';
    this.apply();
  }

  /** Until it is stopped. */
  beginNothing(): void {
    this.#stops = true;
  }

  stop(): void {
    this.running = false;
    this.#mysqld.settleWaiters();
  }

  /** Something has come into the relay log; after it, or after what was left out, come others. */
  received(transaction: Transaction, place: 'first' | 'next'): void {
    if (place === 'first') this.#firsts.add(transaction);
    else this.#firsts.delete(transaction);
    this.apply();
  }

  /** Goes on where there is something to apply. */
  apply(): void {
    if (this.#busy || this.#stops || !this.running) return;
    const { member, process, world } = this.#mysqld;
    const next = member.disk.relay[this.#waiting];
    if (next === undefined || (this.#waiting > 0 && !this.#mayOverlap(next))) return;
    this.#busy = true;
    world.timeline.after(member.applyMs * world.random.between(0.5, 2), () => this.#applyNext(), process);
  }

  /** Whether it need not wait for those before it that wait. */
  #mayOverlap(next: Transaction): boolean {
    return this.#knowsParents && !this.#firsts.has(next) && next.kind !== 'schema' && this.#mysqld.member.disk.relay[0]?.kind !== 'schema';
  }

  #applyNext(): void {
    const { disk } = this.#mysqld.member;
    const next = disk.relay[this.#waiting];
    if (!this.running || next === undefined) {
      this.#busy = false;
      return;
    }
    if (disk.executed.has(next)) {
      this.#busy = false;
      if (this.#waiting === 0) this.#applied(next);
      return;
    }
    const lock = rowLock(next);
    if (lock !== undefined && this.#mysqld.lockedKeys.has(lock)) {
      // It tries again and again, for about a minute; then it would stop, which nobody here waits for (tried: conformance, seed 103).
      this.#mysqld.when(() => !this.running || !this.#mysqld.lockedKeys.has(lock), () => this.#applyNext());
      return;
    }
    if (disk.isBroken || (next.key !== undefined && disk.keys.has(next.key))) this.#fail(next);
    else this.#commit(next, lock);
  }

  #fail(transaction: Transaction): void {
    const { member, world } = this.#mysqld;
    this.#busy = this.running = false;
    this.error = `Could not execute ${describe(transaction)}${member.disk.isBroken ? '' : ': Duplicate entry'}`;
    world.history?.note(member.name, this.error);
  }

  #commit(transaction: Transaction, lock: string | undefined): void {
    const { lockedKeys } = this.#mysqld;
    if (lock !== undefined) lockedKeys.add(lock);
    this.#mysqld.commit(undefined, () => {
      this.#waiting += 1;
      this.#busy = false;
      if (this.#firsts.delete(transaction)) this.#knowsParents = false;
      if (this.#mysqld.source) this.apply();
      return transaction;
    }, () => {
      this.#waiting -= 1;
      if (lock !== undefined) lockedKeys.delete(lock);
      this.#applied(transaction);
    });
  }

  #applied(transaction: Transaction): void {
    const { relay } = this.#mysqld.member.disk;
    if (relay[0] === transaction) relay.shift();
    this.#knowsParents = true;
    this.apply();
  }
}
