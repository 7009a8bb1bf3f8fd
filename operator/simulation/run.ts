import { quorum } from '../../common/members.ts';
import { promiserOf } from '../observe/status.ts';
import { Checks, Violation } from './checks.ts';
import type { Rule } from './checks.ts';
import { Clients } from './clients.ts';
import { Faults } from './faults.ts';
import { Lease } from './lease.ts';
import { Member } from './member.ts';
import { Network } from './network.ts';
import { OperatorHost } from './operators.ts';
import { Random } from './random.ts';
import type { Schedule } from './schedule.ts';
import { HEALED_MS } from './schedule.ts';
import { Timeline } from './timeline.ts';
import type { Transaction } from './transaction.ts';
import type { World } from './world.ts';

/** Without faults, writes must come back and members be equal within these times, ms. */
const [RESUME_MS, EQUAL_MS] = [40_000, 150_000];
const LOOK_MS = 100;
/** Who has not begun after so long will not. */
const REFUSED_MS = 20_000;
/** A schedule lasts at least so long, ms. */
const LEAST_MS = 30_000;
const N = 3;

/** What came of a schedule. */
export interface Outcome {
  /** undefined when no rule was broken. */
  readonly violation: { readonly rule: Rule; readonly message: string; readonly at: number } | undefined;
  /** Disks were lost, and too few members are left that count: only a person can go on, and nothing was begun anew. */
  readonly refused: boolean;
  /** Simulated time that it took, ms. */
  readonly simulatedMs: number;
  /** After the last fault, until a write that began after it was acknowledged, ms. */
  readonly resumedMs: number;
  readonly acknowledged: number;
  readonly steps: number;
}

/** Told what happens: when (ms), to whom, what. */
export type Tell = (at: number, who: string, what: string) => void;

/** Runs one schedule from the first start to the end, in this one call. Must not run inside of a promise's callback. */
export function run(schedule: Schedule, tell?: Tell): Outcome {
  const simulation = new Simulation(schedule, tell);
  try {
    return simulation.run();
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    return simulation.outcome({ rule: error.rule, message: error.message, at: simulation.world.timeline.now });
  }
}

class Simulation {
  readonly world: World;
  readonly #faults: Faults;
  readonly #clients: Clients;
  readonly #gapMs: number;
  readonly #losesDisks: boolean;
  #resumedMs = -1;

  constructor(schedule: Schedule, tell: Tell | undefined) {
    this.#losesDisks = schedule.faults.some(({ kind }) => kind === 'lose-disk');
    this.#gapMs = schedule.gapMs ?? Infinity;
    const timeline = new Timeline();
    const random = new Random(schedule.seed, 2);
    const members: Member[] = [];
    const addresses = Array.from({ length: N }, (_, index) => ({ name: `mysql-${index}`, host: `mysql-${index}.test`, port: 3306, adminPort: 33062 }));
    this.world = {
      timeline, random, members, addresses, initialised: false, coldStartMs: schedule.coldStartMs ?? 60_000, lease: new Lease(schedule.lease), network: new Network(timeline, random), checks: new Checks(() => this.world),
      history: tell === undefined ? undefined : { note: (who, what) => tell(timeline.now, who, what) },
      watchStatement: (member, session, sql) => this.#faults.statement(member, session.toPeer.to, sql),
    };
    for (let index = 0; index < N; index += 1) members.push(new Member(this.world, index));
    for (const member of members) {
      member.isForgetful = member.index === schedule.forgetful;
      member.startSoon();
    }
    const operators = Array.from({ length: schedule.operators }, (_, index) => new OperatorHost(this.world, index));
    for (const operator of operators) timeline.after(random.between(0, 500), () => operator.start());
    this.#clients = new Clients(this.world, new Random(schedule.seed, 3), schedule.load);
    this.#faults = new Faults(this.world, operators, schedule);
  }

  run(): Outcome {
    const { timeline, history } = this.world;
    this.#runUntil(HEALED_MS);
    if (this.#clients.gapMs() > this.#gapMs) throw new Violation('writes resume', `no write succeeded for ${Math.round(this.#clients.gapMs())} ms, and ${this.#gapMs} are allowed`);
    history?.note('fault', 'everything is healed');
    this.#faults.heal();
    const healed = timeline.now;
    this.#until({ ms: RESUME_MS, rule: 'writes resume', what: `no write has succeeded within ${RESUME_MS / 1000} s after the last fault` }, () => this.#clients.lastBegun > healed || this.#isRefused(healed));
    if (this.#clients.lastBegun <= healed) return { ...this.outcome(undefined), refused: true };
    this.#resumedMs = timeline.now - healed;
    this.#clients.stopped = true;
    this.#until({ ms: EQUAL_MS, rule: 'all members equal', what: `the members are not equal ${EQUAL_MS / 1000} s after the last fault` }, () => this.#isWhole());
    this.#runUntil(LEAST_MS);
    return this.outcome(undefined);
  }

  outcome(violation: Outcome['violation']): Outcome {
    const { now, steps } = this.world.timeline;
    return { violation, refused: false, simulatedMs: now, resumedMs: this.#resumedMs, acknowledged: this.#clients.acknowledged, steps };
  }

  /** Long enough after the last fault, too few members count for a failover, since disks were lost; or one has received what nobody else has, and cannot apply it. */
  #isRefused(healed: number): boolean {
    const { members, timeline } = this.world;
    const applied = (one: Transaction): boolean => members.some(({ disk }) => disk.content.has(one));
    const counting = members.filter(({ disk, isForgetful }) => disk.promise?.user === promiserOf(disk.uuid) && !isForgetful && !(disk.isBroken && !disk.relay.every(applied)));
    return this.#losesDisks && timeline.now > healed + REFUSED_MS && counting.length < quorum(N) && members.every(({ mysqld }) => mysqld?.isOpen !== true);
  }

  #runUntil(time: number): void {
    const { timeline } = this.world;
    while (timeline.step(time));
  }

  #until({ ms, rule, what }: { readonly ms: number; readonly rule: Rule; readonly what: string }, holds: () => boolean): void {
    const limit = this.world.timeline.now + ms;
    while (!holds()) {
      if (this.world.timeline.now >= limit) throw new Violation(rule, `${what}: ${this.world.members.map((member) => `${member.name} ${member.isUp ? 'has' : 'is down with'} ${member.contents()}`).join('; ')}`);
      this.#runUntil(this.world.timeline.now + LOOK_MS);
    }
  }

  /** One primary, all others follow it, serve reads, and have the same transactions. */
  #isWhole(): boolean {
    const { members, addresses, checks } = this.world;
    const [primary, ...more] = members.filter(({ mysqld }) => mysqld?.isOpen === true);
    if (primary?.mysqld === undefined || more.length > 0 || primary.mysqld.hung.length > 0) return false;
    const host = addresses[primary.index]?.host;
    const others = members.filter((one) => one !== primary);
    const follow = others.every(({ disk, mysqld }) => mysqld?.offline === false && mysqld.replication.receiver === 'on' && mysqld.replication.applier.running && disk.source?.host === host && disk.executed.text === primary.disk.executed.text);
    if (!follow) return false;
    for (const { name, disk } of members) {
      const missing = checks.kept.find((one) => !disk.content.has(one));
      if (missing !== undefined) throw new Violation('all members equal', `${name} has the same GTIDs as the others, and lacks ${missing.key ?? missing.kind}`);
    }
    return true;
  }
}
