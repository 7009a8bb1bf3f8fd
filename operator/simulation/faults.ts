import { emptyDisk } from './disk.ts';
import type { Member } from './member.ts';
import type { OperatorHost } from './operators.ts';
import type { Fault, FaultKind, Schedule } from './schedule.ts';
import { describeFault } from './schedule.ts';
import { HOST } from './world.ts';
import type { World } from './world.ts';

/** How many transactions at the end of a relay log a power cut of everything may take. */
const UNSYNCED = 20;
/** A jump of a member's clock, ms: an hour. */
const JUMP_MS = 3_600_000;
/** What applying takes on a member that lags, ms. */
const LAG_MS = [50, 1500] as const;
const SLOW_MS = 50;
const LEASE_LOST_MS = 3000;
const OPERATORS = [HOST.operators, HOST.operators + 1];
const OUTSIDE = [...OPERATORS, HOST.clients];

/** What a fault happens to, and for how long. */
interface Blow extends Place {
  readonly forMs: number;
}

/** What a fault happens to. */
interface Place {
  readonly member: Member;
  readonly operator: OperatorHost | undefined;
}

/** Lets the faults of a schedule happen, at their times or at an operator's statements. */
export class Faults {
  readonly #world: World;
  readonly #operators: readonly OperatorHost[];
  readonly #waiting: { readonly fault: Fault; left: number }[] = [];

  constructor(world: World, operators: readonly OperatorHost[], { faults }: Schedule) {
    this.#world = world;
    this.#operators = operators;
    for (const fault of faults) {
      if (fault.on !== undefined) this.#waiting.push({ fault, left: fault.on.nth });
      else world.timeline.after(fault.at, () => this.#happen(fault, undefined));
    }
  }

  /** An operator's statement is about to have effect. */
  statement(member: Member, host: number, sql: string): void {
    for (const waiting of this.#waiting.filter(({ fault }) => fault.on !== undefined && sql.includes(fault.on.statement))) {
      const { fault } = waiting;
      if (fault.on === undefined || this.#world.timeline.now < fault.at) continue;
      waiting.left -= 1;
      if (waiting.left > 0) continue;
      this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
      const place = { member, operator: this.#operators.find((one) => one.host === host) };
      if (fault.on.when === 'before') this.#happen(fault, place);
      else this.#world.timeline.after(0, () => this.#happen(fault, place));
    }
  }

  /** Nothing more happens, and everything that was broken is whole. */
  heal(): void {
    this.#waiting.length = 0;
    const { network, members, timeline } = this.#world;
    network.healAll();
    for (const member of members) {
      member.diskResumes();
      member.applyMs = 1;
      if (member.mysqld !== undefined) timeline.resume(member.mysqld.process);
    }
    for (const operator of this.#operators) {
      operator.resume();
      operator.start();
    }
  }

  #happen(fault: Fault, there: Place | undefined): void {
    this.#world.history?.note('fault', describeFault(fault));
    this.#world.timeline.unsettled = true;
    const operator = fault.operator === 'there' ? there?.operator : this.#operators[fault.operator];
    this.#acts[fault.kind]({ member: this.#member(fault, there?.member), operator, forMs: fault.forMs });
  }

  readonly #acts: Readonly<Record<FaultKind, (blow: Blow) => void>> = {
    kill: ({ member, forMs }) => this.#down(member, forMs, 'process'),
    power: ({ member, forMs }) => this.#down(member, forMs, 'machine'),
    stop: ({ member, forMs }) => this.#stop(member, forMs),
    freeze: ({ member, forMs }) => this.#freeze(member, forMs),
    outage: ({ forMs }) => this.#all(forMs, 'process'),
    blackout: ({ forMs }) => {
      for (const one of this.#world.members) one.dropRelay(Math.max(0, one.disk.relay.length - UNSYNCED));
      this.#all(forMs, 'machine');
    },
    isolate: ({ member, forMs }) => this.#cut(forMs, this.#around(member, OUTSIDE)),
    'isolate-from-members': ({ member, forMs }) => this.#cut(forMs, this.#around(member, [])),
    'isolate-from-operators': ({ member, forMs }) => this.#cut(forMs, OPERATORS.map((one) => [one, member.index])),
    mute: ({ member, forMs }) => this.#cut(forMs, this.#around(member, OUTSIDE).map(([other, self]) => [self, other]), 'one way'),
    'disk-hangs': ({ member, forMs }) => {
      member.diskHangs = true;
      this.#later(forMs, () => member.diskResumes());
    },
    'lose-disk': ({ member, forMs }) => {
      this.#down(member, forMs, 'process');
      for (const transaction of [...member.disk.log, ...member.disk.relay]) transaction.lostAt = this.#world.timeline.now;
      member.replaceData(emptyDisk(''));
      member.lostDiskAt = this.#world.timeline.now;
    },
    'clock-jump': ({ member }) => (member.clockJump = { at: this.#world.timeline.now, by: this.#world.random.chance(0.5) ? JUMP_MS : -JUMP_MS }),
    'applier-breaks': ({ member }) => (member.disk.isBroken = true),
    lag: ({ member, forMs }) => {
      member.applyMs = this.#world.random.spread(...LAG_MS);
      this.#later(forMs, () => (member.applyMs = 1));
    },
    purge: () => this.#world.members.forEach((one) => one.purge()),
    'slow-network': ({ forMs }) => {
      this.#world.network.slowness = SLOW_MS;
      this.#later(forMs, () => (this.#world.network.slowness = 0));
    },
    'operator-kill': ({ operator, forMs }) => {
      operator?.kill();
      this.#later(forMs, () => operator?.start());
    },
    'operator-pause': ({ operator, forMs }) => {
      operator?.pause();
      this.#later(forMs, () => operator?.resume());
    },
    'operator-isolate': ({ operator, forMs }) => this.#cut(forMs, operator === undefined ? [] : this.#world.members.map(({ index }) => [operator.host, index])),
    'lease-lost': () => (this.#world.lease.lostUntil = this.#world.timeline.now + LEASE_LOST_MS),
    switchover: () => this.#operators.forEach((one) => one.requestSwitchover()),
  };

  /** From each other member, and from others, to one. */
  #around(member: Member, outside: readonly number[]): readonly (readonly [number, number])[] {
    return [...this.#world.members.filter((one) => one !== member).map(({ index }) => index), ...outside].map((one) => [one, member.index] as const);
  }

  #later(forMs: number, call: () => void): void {
    this.#world.timeline.after(forMs, call);
  }

  #member({ target }: Fault, there: Member | undefined): Member {
    const { members } = this.#world;
    const primary = members.find(({ mysqld }) => mysqld?.isOpen === true) ?? members[0];
    const replicas = members.filter((one) => one !== primary);
    const found = { primary, replica: replicas[0], 'other-replica': replicas[1], there, 0: members[0], 1: members[1], 2: members[2] }[target];
    if (found === undefined) throw new Error(`There is no member that is ${target}.`);
    return found;
  }

  #down(member: Member, forMs: number, how: 'process' | 'machine'): void {
    member.downUntil = Math.max(member.downUntil, this.#world.timeline.now + forMs);
    member.end(how);
  }

  #all(forMs: number, how: 'process' | 'machine'): void {
    for (const member of this.#world.members) this.#down(member, forMs * this.#world.random.between(0.2, 1), how);
  }

  /** As the supervisor stops it: offline first, then SIGTERM. */
  #stop(member: Member, forMs: number): void {
    const { mysqld } = member;
    if (mysqld === undefined || mysqld.process.pausedAt !== undefined) return;
    member.downUntil = Math.max(member.downUntil, this.#world.timeline.now + forMs);
    mysqld.offline = true;
    mysqld.closeOffline();
    this.#world.timeline.after(this.#world.random.between(1, 30), () => mysqld.stop(), mysqld.process);
  }

  #freeze(member: Member, forMs: number): void {
    const process = member.mysqld?.process;
    if (process === undefined) return;
    this.#world.timeline.pause(process);
    this.#world.timeline.after(forMs, () => this.#world.timeline.resume(process));
  }

  #cut(forMs: number, pairs: readonly (readonly [number, number])[], how: 'both ways' | 'one way' = 'both ways'): void {
    const { network, timeline } = this.#world;
    const ways = how === 'one way' ? pairs : pairs.flatMap(([a, b]) => [[a, b], [b, a]] as const);
    for (const [from, to] of ways) network.cut(from, to);
    timeline.after(forMs, () => {
      for (const [from, to] of ways) network.heal(from, to);
    });
  }
}
