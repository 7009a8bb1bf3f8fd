import { acknowledgements, quorum } from '../../common/members.ts';
import { FENCED_HOST } from '../../common/names.ts';
import type { Disk } from './disk.ts';
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

/** No acknowledgement is on the way for longer. */
const ON_THE_WAY_MS = 200;

/** Its receiver is stopped, and another source would throw away what it has received: it stays so over a restart (skip_replica_start). */
const standsStill = ({ mysqld, disk }: Member): boolean => mysqld === undefined || (mysqld.replication.receiver === 'off' && (mysqld.replication.stoppedWithBacklog || (!mysqld.replication.applier.running && disk.relay.length > 0)));
/** From the fences to the epoch row at most, ms. */
const ROW_MS = 1000;
const promisedBy = ({ promise }: Disk): number => Number(/^epoch-(\d+)/.exec(promise?.host ?? '')?.[1] ?? 0);
const has = ({ disk }: Member, transaction: Transaction): boolean => disk.content.has(transaction) || disk.log.includes(transaction);

/** What is checked at every step and at the end. */
export type Rule =
  | 'one voice'
  | 'enough copies'
  | 'nothing acknowledged is missing'
  | 'epochs only grow'
  | 'deposed is deposed'
  | 'commands under the lock'
  | 'sessions end by the lease alone'
  | 'nobody is fenced in vain'
  | 'a quorum is fenced and has promised'
  | 'closed until compared'
  | 'errants are saved'
  | 'no last copy is wiped'
  | 'errants are not copied'
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
  #newest: Member | undefined;
  /** Of the data that it was opened with: it may lose that. */
  #newestUuid = '';
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
    if (epoch < this.#newestOpened) {
      // A command that reached it while it stood still opens it late: as harmless as a primary that thaws, so long as nobody acknowledges.
      if (!this.#canAcknowledge(member)) return;
      throw new Violation('epochs only grow', `${member.name} is opened under epoch ${epoch}, after ${this.#newestOpened}`);
    }
    this.#newestOpened = epoch;
    this.#newest = member;
    this.#newestUuid = uuid;
    const promoted = member.disk.log.findLast((one) => one.row?.epoch === epoch);
    if (promoted !== undefined && this.#copiesWhenAcknowledged(promoted) < 1 + acknowledgements(this.#world().members.length)) throw new Violation('enough copies', `${member.name} is opened, and its ${describe(promoted)} is on ${copies(promoted)} members`);
    const missing = this.kept.find((transaction) => !content.has(transaction));
    if (missing !== undefined) throw new Violation('nothing acknowledged is missing', `${member.name} is opened under epoch ${epoch} without ${describe(missing)}, which a client was told of or has read`);
  }

  /** A client is told that its commit succeeded; all before it in this binlog is as good as told. */
  acknowledged(member: Member, { transaction, index }: HungCommit): void {
    const { members } = this.#world();
    const needed = 1 + acknowledgements(members.length);
    const epoch = member.disk.row?.epoch ?? 0;
    // An acknowledgement that had arrived before the fence may be read late; its transaction is on the newer primary then.
    const overtaken = epoch < this.#newestOpened && this.#newest !== undefined && !has(this.#newest, transaction);
    if (overtaken) throw new Violation('deposed is deposed', `${member.name} of epoch ${epoch} acknowledges ${describe(transaction)}, which the primary opened under epoch ${this.#newestOpened} does not have`);
    if (!this.#keptUntil.has(member)) for (const one of member.disk.base) this.#keep(one);
    for (let at = this.#keptUntil.get(member) ?? 0; at <= index; at += 1) {
      const one = member.disk.log[at];
      if (one === undefined) continue;
      if (!one.kept && this.#copiesWhenAcknowledged(one) < needed) throw new Violation('enough copies', `${member.name} acknowledges ${describe(transaction)}, and ${describe(one)} is on ${copies(one)} members instead of ${needed}`);
      this.#keep(one);
    }
    this.#keptUntil.set(member, index + 1);
  }

  /** A member may lose its disk, and a copy with it, while its acknowledgement is on the way, or right after it was counted as a holder. */
  #copiesWhenAcknowledged(transaction: Transaction): number {
    const { lostAt = -Infinity } = transaction;
    return copies(transaction) + Number(this.#world().timeline.now - lostAt < ON_THE_WAY_MS);
  }

  /** A client has read a replica. Of an epoch row nothing is seen but its number, and the next is higher. */
  shown({ disk }: Member): void {
    for (const one of disk.content) if (one.kind !== 'epoch') this.#keep(one);
  }

  #keep(transaction: Transaction): void {
    if (transaction.kept) return;
    transaction.kept = true;
    this.kept.push(transaction);
  }

  /** An epoch row is written. */
  newEpoch(member: Member, { epoch }: Row): void {
    const { members, addresses } = this.#world();
    const held = members.filter((one) => {
      const { disk } = one;
      // It may have been fenced, and its promise lost with the disk, a moment ago: it acknowledges nothing any more.
      if (this.#world().timeline.now - one.lostDiskAt < ROW_MS && one.mysqld === undefined) return true;
      return promisedBy(disk) >= epoch && (promisedBy(disk) > epoch || disk.source?.host === FENCED_HOST || disk.source?.host === addresses[member.index]?.host || standsStill(one));
    });
    if (held.length < quorum(members.length)) throw new Violation('a quorum is fenced and has promised', `${member.name} writes the epoch row ${epoch}, and only ${held.map(({ name }) => name).join(', ') || 'nobody'} is held by a fence and a promise`);
    const before = this.#epochs.get(epoch);
    if (before !== undefined) throw new Violation('epochs only grow', `${member.name} writes the epoch row ${epoch}, which ${before} has written before`);
    this.#epochs.set(epoch, member.name);
  }

  /** A replica lets clients in, to read. */
  letIn(member: Member): void {
    const newest = this.#newest;
    if (newest === undefined || newest === member || newest.cloning || newest.disk.uuid !== this.#newestUuid || member.mysqld?.superReadOnly !== true) return;
    // An epoch row may be acknowledged, and the member that wrote it stop before anybody saw it open.
    const strange = [...member.disk.content].find((one) => one.kind !== 'epoch' && !has(newest, one));
    if (strange !== undefined) throw new Violation('closed until compared', `${member.name} lets readers in with ${describe(strange)}, which ${newest.name}, the primary of epoch ${this.#newestOpened}, does not have`);
  }

  /** A member is fenced by an operator that can reach these others. */
  fenced(member: Member, reachable: readonly Member[]): void {
    const { members } = this.#world();
    const needed = quorum(members.length);
    if (reachable.length < needed) throw new Violation('nobody is fenced in vain', `${member.name} is fenced, though only ${reachable.map(({ name }) => name).join(', ')} of ${members.length} can be reached, and ${needed} must be`);
  }

  /** An operator ends the session of another. */
  ended(member: Member, holdsLease: boolean): void {
    if (!holdsLease) throw new Violation('sessions end by the lease alone', `${member.name}: an operator without the lease ends another's session`);
  }

  /** A statement that changes something ran in a session without the member's lock. */
  withoutLock(member: Member, sql: string): void {
    throw new Violation('commands under the lock', `${member.name}: ${sql.slice(0, 60)} in a session that does not hold the lock`);
  }

  /** A member is to get a copy of another's data: what the primary never had would be errant on both, and in no binlog of the copy. */
  copied(member: Member, donor: Member): void {
    const newest = this.#newest;
    if (newest === undefined || newest === donor || newest.cloning || newest.disk.uuid !== this.#newestUuid) return;
    const errant = [...donor.disk.content].find((one) => !has(newest, one));
    if (errant !== undefined) throw new Violation('errants are not copied', `${member.name} gets a copy of ${donor.name}, which has ${describe(errant)}, and ${newest.name}, the primary of epoch ${this.#newestOpened}, does not`);
  }

  /** What a member has received and not applied is about to go. */
  dropped({ name, disk, bit }: Member): void {
    const needed = 1 + acknowledgements(this.#world().members.length);
    const rare = disk.relay.find((one) => one.kept && !disk.content.has(one) && copies({ ...one, holders: one.holders & ~bit }) < needed);
    if (rare !== undefined) throw new Violation('no last copy is wiped', `${name} throws its relay log away, and with it one of ${needed} copies of ${describe(rare)}`);
  }

  /** The data of a member is about to go. */
  wiped(victim: Member): void {
    const { members } = this.#world();
    const others = members.filter((one) => one !== victim);
    const needed = 1 + acknowledgements(members.length);
    const rare = this.kept.find((one) => this.#copiesWhenAcknowledged({ ...one, holders: one.holders & ~victim.bit }) < needed && (one.holders & victim.bit) !== 0);
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
