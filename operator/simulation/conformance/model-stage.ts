import { USERS } from '../../../common/names.ts';
import { assemble } from '../../assemble.ts';
import type { Session } from '../../mysql/session.ts';
import { NO_NOTICE } from '../../ports.ts';
import { Checks } from '../checks.ts';
import { Lease } from '../lease.ts';
import { Member } from '../member.ts';
import { Network } from '../network.ts';
import { clockOf, NO_TALLY } from '../operators.ts';
import { Random } from '../random.ts';
import { simulatedSessions } from '../session.ts';
import { statusOf } from '../status-row.ts';
import { newProcess, Timeline } from '../timeline.ts';
import type { World } from '../world.ts';
import { HOST } from '../world.ts';
import { N } from './commands.ts';
import type { Stage } from './stage.ts';

/** Random commands break every rule of the operator's: nothing is checked. */
class NoChecks extends Checks {
  override changed(): void {}
  override acknowledged(): void {}
  override newEpoch(): void {}
  override letIn(): void {}
  override fenced(): void {}
  override ended(): void {}
  override withoutLock(): void {}
  override dropped(): void {}
  override wiped(): void {}
  override copied(): void {}
}

/** The model with nobody in it but who commands. */
export class ModelStage implements Stage {
  readonly crew: Stage['crew'];
  readonly open: Stage['open'];
  readonly writeStatement = 'WRITE';
  readonly waiting: Session[] = [];
  readonly #world: World;

  constructor(seed: number) {
    const timeline = new Timeline();
    const random = new Random(seed, 2);
    const members: Member[] = [];
    const addresses = Array.from({ length: N }, (_, index) => ({ name: `mysql-${index}`, host: `mysql-${index}.test`, port: 3306, adminPort: 33062 }));
    this.#world = { timeline, random, members, addresses, initialised: true, coldStartMs: 60_000, lease: new Lease(false), network: new Network(timeline, random), checks: new NoChecks(() => this.#world), history: undefined, watchStatement: () => undefined };
    for (let index = 0; index < N; index += 1) members.push(new Member(this.#world, index));
    for (const member of members) member.startSoon();
    const process = newProcess('conformance');
    this.open = simulatedSessions(this.#world, { process, host: HOST.operators });
    this.crew = assemble({
      platform: { members: addresses, initialised: () => true, markInitialised: () => Promise.resolve(), mayTakeLocks: () => Promise.resolve(false), yields: () => false, notice: () => NO_NOTICE },
      login: { user: USERS.operator, password: '' }, replicationPassword: '', clock: clockOf(this.#world, process), coldStartMs: 60_000, tally: NO_TALLY, open: this.open, listen: () => undefined,
    }).crew;
  }

  readonly kill = (member: number): Promise<void> => Promise.resolve(this.#member(member).end('process'));
  readonly freeze = (member: number): Promise<void> => Promise.resolve(this.#pause(member));
  readonly thaw = (member: number): Promise<void> => Promise.resolve(this.#resume(member));
  readonly status: Stage['status'] = (member) => {
    const one = this.#member(member);
    const table = one.disk.hasTable ? {} : { row: null };
    return Promise.resolve(one.mysqld === undefined || one.mysqld.stopping ? undefined : { ...statusOf(one), ...table });
  };

  /** Lets simulated time pass. */
  pass(ms: number): void {
    const { timeline } = this.#world;
    const until = timeline.now + ms;
    while (timeline.step(until));
  }

  /** Runs a task to its end in simulated time, in this one call; must not run in a promise's callback. */
  finish<T>(task: () => Promise<T>): T {
    const { timeline } = this.#world;
    const state: { result?: { readonly value: T } | { readonly error: unknown } } = {};
    // A first step settles what the task finds settled already.
    timeline.after(0, () => void task().then((value) => (state.result = { value }), (error: unknown) => (state.result = { error })));
    const until = timeline.now + LONGEST_MS;
    while (state.result === undefined && timeline.now < until) if (!timeline.step(timeline.now + 1) && timeline.now >= until) break;
    const { result } = state;
    if (result === undefined) throw new Error(`The model did not finish within ${LONGEST_MS} simulated ms.`);
    if ('error' in result) throw result.error;
    return result.value;
  }

  #member(index: number): Member {
    const member = this.#world.members[index];
    if (member === undefined) throw new Error(`There is no simulated member ${index}.`);
    return member;
  }

  #pause(index: number): void {
    const process = this.#member(index).mysqld?.process;
    if (process !== undefined) this.#world.timeline.pause(process);
  }

  #resume(index: number): void {
    const process = this.#member(index).mysqld?.process;
    if (process !== undefined) this.#world.timeline.resume(process);
  }
}

const LONGEST_MS = 120_000;
