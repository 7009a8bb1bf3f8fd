import { acknowledgements } from '../../common/members.ts';
import type { Member } from './member.ts';
import type { HungCommit } from './mysqld.ts';
import type { Row, Transaction } from './transaction.ts';
import { copies, describe } from './transaction.ts';
import type { World } from './world.ts';

/** A rule was broken; the message says which, in words. */
export class Violation extends Error {
  override name = 'Violation';
  /** Short and the same for every breach of the same rule. */
  readonly rule: Rule;
  constructor(rule: Rule, message: string) {
    super(message);
    this.rule = rule;
  }
}

/** What is checked at every step and at the end. */
export type Rule =
  | 'one voice'
  | 'enough copies'
  | 'nothing acknowledged is missing'
  | 'epochs only grow'
  | 'deposed is deposed'
  | 'commands under the lock'
  | 'errants are saved'
  | 'no last copy is wiped'
  | 'writes resume'
  | 'all members equal';

/** Watches what happens in the model, and knows what clients were told. */
export class Checks {
  /** Everything that somebody was told of or has read. */
  readonly kept: Transaction[] = [];
  readonly #epochs = new Map<number, string>();
  readonly #open = new Set<Member>();
  /** How far each member's binlog has been acknowledged. */
  readonly #keptUntil = new Map<Member, number>();
  #newestOpened = 0;
  #newestData: ReadonlySet<Transaction> | undefined;
  readonly #world: () => World;

  constructor(world: () => World) {
    this.#world = world;
  }

  /** A variable, a receiver or a process has changed. */
  changed(member: Member): void {
    const isOpen = member.mysqld?.isOpen === true;
    if (isOpen && !this.#open.has(member)) this.#opened(member);
    if (!isOpen) this.#open.delete(member);
    const voices = this.#world().members.filter((one) => this.#canAcknowledge(one));
    if (voices.length > 1) throw new Violation('one voice', `${voices.map(({ name }) => name).join(' and ')} can both acknowledge writes`);
  }

  #canAcknowledge({ mysqld, index }: Member): boolean {
    if (mysqld?.isOpen !== true) return false;
    const { members, addresses } = this.#world();
    const host = addresses[index]?.host;
    return !mysqld.source || members.filter((one) => one.index !== index && one.mysqld !== undefined && one.mysqld.replication.receiver !== 'off' && one.disk.source?.host === host).length >= mysqld.waitCount;
  }

  #opened(member: Member): void {
    this.#open.add(member);
    const { row, uuid, content } = member.disk;
    const epoch = row?.epoch ?? 0;
    if (row?.serverUuid !== uuid) throw new Violation('epochs only grow', `${member.name} is open for writes, and its epoch row ${epoch} names another`);
    if (epoch < this.#newestOpened) throw new Violation('epochs only grow', `${member.name} is opened under epoch ${epoch}, after ${this.#newestOpened}`);
    this.#newestOpened = epoch;
    this.#newestData = content;
    const missing = this.kept.find((transaction) => !content.has(transaction));
    if (missing !== undefined) throw new Violation('nothing acknowledged is missing', `${member.name} is opened under epoch ${epoch} without ${describe(missing)}, which a client was told of or has read`);
  }

  /** A client is told that its commit succeeded; all before it in this binlog is as good as told. */
  acknowledged(member: Member, { transaction, index }: HungCommit): void {
    const { members } = this.#world();
    const needed = 1 + acknowledgements(members.length);
    const epoch = member.disk.row?.epoch ?? 0;
    // An acknowledgement that had arrived before the fence may be read late; its transaction is on the newer primary then.
    const overtaken = epoch < this.#newestOpened && this.#newestData?.has(transaction) === false;
    if (transaction.kind !== 'epoch' && overtaken) throw new Violation('deposed is deposed', `${member.name} of epoch ${epoch} acknowledges ${describe(transaction)}, which the primary opened under epoch ${this.#newestOpened} does not have`);
    if (!this.#keptUntil.has(member)) for (const one of member.disk.base) this.#keep(one);
    for (let at = this.#keptUntil.get(member) ?? 0; at <= index; at += 1) {
      const one = member.disk.log[at];
      if (one === undefined) continue;
      if (!one.kept && copies(one) < needed) throw new Violation('enough copies', `${member.name} acknowledges ${describe(transaction)}, and ${describe(one)} is on ${copies(one)} members instead of ${needed}`);
      this.#keep(one);
    }
    this.#keptUntil.set(member, index + 1);
  }

  /** A client has read a replica. */
  shown({ disk }: Member): void {
    for (const one of disk.content) this.#keep(one);
  }

  #keep(transaction: Transaction): void {
    if (transaction.kept) return;
    transaction.kept = true;
    this.kept.push(transaction);
  }

  /** An epoch row is written. */
  newEpoch(member: Member, { epoch }: Row): void {
    const before = this.#epochs.get(epoch);
    if (before !== undefined) throw new Violation('epochs only grow', `${member.name} writes the epoch row ${epoch}, which ${before} has written before`);
    this.#epochs.set(epoch, member.name);
  }

  /** A statement that changes something ran in a session without the member's lock. */
  withoutLock(member: Member, sql: string): void {
    throw new Violation('commands under the lock', `${member.name}: ${sql.slice(0, 60)} in a session that does not hold the lock`);
  }

  /** The data of a member is about to go. */
  wiped(victim: Member): void {
    const { members } = this.#world();
    const others = members.filter((one) => one !== victim);
    const needed = 1 + acknowledgements(members.length);
    const rare = this.kept.find((one) => copies({ ...one, holders: one.holders & ~victim.bit }) < needed && (one.holders & victim.bit) !== 0);
    if (rare !== undefined) throw new Violation('no last copy is wiped', `${victim.name} is wiped, and ${describe(rare)} is on ${copies({ ...rare, holders: rare.holders & ~victim.bit })} other members`);
    const unsaved = [...victim.disk.log, ...victim.disk.relay].find((one) => !victim.saved.has(one) && others.every(({ bit }) => (one.holders & bit) === 0));
    if (unsaved !== undefined) throw new Violation('errants are saved', `${victim.name} is wiped, and ${describe(unsaved)} is nowhere else, not even in the kept binlogs`);
  }

  /** Its data is another. */
  replaced(member: Member): void {
    this.#keptUntil.delete(member);
    this.#open.delete(member);
  }
}
