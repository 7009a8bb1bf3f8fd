import { clonedDisk, emptyDisk, recover } from './disk.ts';
import type { Disk } from './disk.ts';
import { Mysqld } from './mysqld.ts';
import { newModel } from './timeline.ts';
import type { Transaction } from './transaction.ts';
import { copies, shortUuid, uuidOf } from './transaction.ts';
import type { World } from './world.ts';

/** Who asks again and again where nothing listens is refused more slowly, ms: else a third of all that is simulated would be refusals. */
const REFUSAL_MS = [30, 150] as const;

/** From the end of mysqld to its next start by whatever supervises it, and from there until it listens; ms. */
const [AGAIN_MS, LISTENS_MS] = [[50, 600], [200, 900]] as const;
/** The start after a CLONE that nobody can reach, before the one that listens, ms (measured: 0.8 to 2.1 s on a machine with other things to do). */
const FIRST_START_MS = [700, 2500] as const;

/** A machine with one member: its disk, and mysqld while it runs. */
export class Member {
  readonly index: number;
  readonly name: string;
  disk: Disk;
  mysqld: Mysqld | undefined;
  /** Binlogs that are hard-linked outside the data folder. */
  readonly saved = new Set<Transaction>();
  /** The machine has no power: it does not even refuse. */
  isOff = false;
  /** Since when mysqld does not run. */
  downSince = 0;
  /** Nobody starts it before this time. */
  downUntil = 0;
  /** Writes wait. */
  diskHangs = false;
  readonly #whenDisk: (() => void)[] = [];
  /** When it last lost its disk; -Infinity: never. */
  lostDiskAt = -Infinity;
  /** A jump of the machine's clock: when, and by how much, ms. */
  clockJump: { readonly at: number; readonly by: number } = { at: -1, by: 0 };
  /** How long applying one transaction takes, ms. */
  applyMs = 1;
  /** relay_log_recovery is ON. */
  isForgetful = false;
  /** Its data is being replaced: what is there is worth nothing. */
  cloning = false;
  /** It is a copy that has not ended its first start: killed there, it may never start again, and is thrown away. */
  #isFresh = false;
  #generation = 0;
  #starting = false;
  /** Hosts that were refused since it runs no more. */
  readonly #refused = new Set<number>();
  readonly world: World;

  constructor(world: World, index: number) {
    this.world = world;
    this.index = index;
    this.name = `mysql-${index}`;
    this.disk = emptyDisk(uuidOf(index, 0));
  }

  get bit(): number {
    return 1 << this.index;
  }

  /** Whether mysqld runs, frozen or not. */
  get isUp(): boolean {
    return this.mysqld !== undefined;
  }

  /** When it last answered each operator in the session that holds its lock, by host. */
  readonly answeredAt = new Map<number, number>();

  /** Whether somebody on a host can reach it, or could a moment ago. */
  reachable(host: number, withinMs: number): boolean {
    const { network, timeline } = this.world;
    const since = [this.mysqld === undefined ? this.downSince : this.mysqld.process.pausedAt, network.cutSince(host, this.index), network.cutSince(this.index, host)];
    return since.every((at) => at === undefined || timeline.now - at < withinMs);
  }

  /** How long the machine takes to refuse a connection, ms; nothing the first time. */
  refusalMs(host: number): number {
    if (this.#refused.has(host)) return this.world.random.between(...REFUSAL_MS);
    this.#refused.add(host);
    return 0;
  }

  /** Starts mysqld as the supervisor does: links the binlogs, renews the identity of replaced data. */
  start(): void {
    if (this.cloning) this.replaceData(emptyDisk(''));
    this.#isFresh = false;
    for (const transaction of this.disk.log.slice(this.disk.purgedUntil)) this.saved.add(transaction);
    recover(this.disk);
    this.disk.binlog += 1;
    if (this.isForgetful) this.dropRelay();
    this.isOff = false;
    this.#refused.clear();
    this.mysqld = new Mysqld(this, newModel(this.name));
    this.world.history?.note(this.name, `starts, closed: has ${this.contents()}`);
    this.world.checks.changed(this);
  }

  /** Starts it when its time comes, however it ended. */
  startSoon(): void {
    if (this.#starting || this.isUp) return;
    this.#starting = true;
    const { random, timeline } = this.world;
    const wait = Math.max(random.between(...AGAIN_MS), this.downUntil - timeline.now) + (this.#isFresh ? random.between(...FIRST_START_MS) : 0);
    timeline.after(wait + random.between(...LISTENS_MS), () => {
      this.#starting = false;
      if (this.downUntil > timeline.now) this.startSoon();
      else if (!this.isUp) this.start();
    });
  }

  /**
   * mysqld is gone at once.
   * @param how a machine that is gone too tells nobody
   */
  end(how: 'process' | 'machine'): void {
    const mysqld = this.mysqld;
    if (mysqld === undefined) return this.#startBreaksOff();
    this.world.history?.note(this.name, how === 'process' ? 'mysqld has ended' : 'the machine is gone');
    this.mysqld = undefined;
    this.downSince = this.world.timeline.now;
    mysqld.process.alive = false;
    mysqld.process.pausedAt ??= this.world.timeline.now;
    mysqld.ended(how);
    if (how === 'machine') {
      this.isOff = true;
      this.world.network.forget(this.index);
    }
    this.diskResumes();
    this.startSoon();
    this.world.checks.changed(this);
  }

  #startBreaksOff(): void {
    if (!this.#isFresh) return;
    this.#isFresh = false;
    this.world.history?.note(this.name, 'its first start after the CLONE is broken off, and the copy thrown away');
    this.loseData();
  }

  /** CLONE begins: the data is gone, and mysqld shows that it has nothing (tried: 9.7.4). */
  loseData(): void {
    this.cloning = true;
    const { log, relay, base, content, executed, purged, received, keys } = this.disk;
    for (const transaction of [...log, ...relay, ...base]) transaction.holders &= ~this.bit;
    this.disk.base = [];
    log.length = relay.length = this.disk.purgedUntil = 0;
    for (const one of [content, executed, purged, received, keys]) one.clear();
    this.disk.row = undefined;
    this.disk.hasTable = false;
  }

  /** Puts other data there, with an identity of its own. */
  replaceData(data: Disk): void {
    this.loseData();
    this.cloning = this.#isFresh = false;
    this.#generation += 1;
    this.disk = { ...data, uuid: uuidOf(this.index, this.#generation) };
    for (const transaction of this.disk.content) transaction.holders |= this.bit;
    this.world.checks.replaced(this);
  }

  /** The data of another. */
  cloneFrom(donor: Disk): void {
    this.replaceData(clonedDisk(donor, ''));
    this.#isFresh = true;
  }

  /**
   * Removes the binlogs of what is committed, as mysqld does while it runs: those of three days ago. What nobody else has is
   * newer than that, since it is fetched or saved within seconds.
   */
  purge(): void {
    const { disk, mysqld } = this;
    if (mysqld === undefined) return;
    const own = disk.log.findIndex((transaction, index) => index >= disk.purgedUntil && copies(transaction) < 2);
    const until = Math.min(mysqld.hung[0]?.index ?? disk.log.length, own < 0 ? disk.log.length : own);
    for (const transaction of disk.log.slice(disk.purgedUntil, until)) disk.purged.add(transaction);
    disk.purgedUntil = Math.max(disk.purgedUntil, until);
    // Never the newest: it has got full.
    disk.binlog += 1;
  }

  /** Throws away what was received and not applied. */
  dropRelay(from = 0): void {
    const { relay, received, content } = this.disk;
    for (const transaction of relay.splice(from)) if (!content.has(transaction)) transaction.holders &= ~this.bit;
    received.clear();
    for (const transaction of relay) received.add(transaction);
  }

  /** Does something once the disk takes writes. */
  whenDisk(call: () => void): void {
    if (this.diskHangs) this.#whenDisk.push(call);
    else call();
  }

  /** The disk takes writes again. */
  diskResumes(): void {
    this.diskHangs = false;
    const { mysqld } = this;
    for (const call of this.#whenDisk.splice(0)) if (mysqld === this.mysqld && mysqld !== undefined) call();
  }

  /** Its sets, short. */
  contents(): string {
    const short = (text: string): string => text.split(',').map((part) => (part === '' ? 'nothing' : `${shortUuid(part.slice(0, 36))}${part.slice(36)}`)).join(', ');
    const { executed, relay } = this.disk;
    return short(executed.text) + (relay.length === 0 ? '' : ` and ${relay.length} received`);
  }
}
