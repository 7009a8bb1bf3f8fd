import { USERS } from '../../common/names.ts';
import { assemble } from '../assemble.ts';
import type { ControlLoop } from '../loop.ts';
import { NO_NOTICE } from '../ports.ts';
import type { Clock, Platform, Tally } from '../ports.ts';
import { RENEW_MS } from './lease.ts';
import { simulatedSessions } from './session.ts';
import { newProcess } from './timeline.ts';
import type { Process } from './timeline.ts';
import { HOST } from './world.ts';
import type { World } from './world.ts';

const nothing = (): void => undefined;
/** Counts nothing. */
export const NO_TALLY: Tally = { failover: nothing, switchover: nothing, refusal: nothing, reseed: nothing, errantSaved: nothing, writeGap: nothing };

/** Simulated time for a process. */
export function clockOf({ timeline }: World, process: Process): Clock {
  return {
    now: () => timeline.now,
    sleep: (ms, signal) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      if (signal?.aborted === true) reject(signal.reason as Error);
      const entry = timeline.after(ms, resolve, process);
      signal?.addEventListener('abort', () => {
        entry.call = undefined;
        reject(signal.reason as Error);
      }, { once: true });
      return promise;
    },
    after: (ms, call) => {
      const entry = timeline.after(ms, call, process);
      return () => (entry.call = undefined);
    },
  };
}

/** A machine on which the operator's own code runs. */
export class OperatorHost {
  readonly name: string;
  readonly host: number;
  readonly #world: World;
  process: Process | undefined;
  loop: ControlLoop | undefined;
  readonly #sessions = new Set<{ readonly end: () => void }>();

  constructor(world: World, index: number) {
    this.#world = world;
    this.name = `operator-${index}`;
    this.host = HOST.operators + index;
  }

  /** Starts an operator, unless one runs. */
  start(): void {
    if (this.process !== undefined) return;
    const world = this.#world;
    const process = newProcess(this.name);
    this.process = process;
    world.history?.note(this.name, 'starts');
    const open = simulatedSessions(world, { process, host: this.host });
    const { crew, loop } = assemble({
      platform: this.#platform(), login: { user: USERS.operator, password: '' }, replicationPassword: '', clock: clockOf(world, process), coldStartMs: world.coldStartMs, tally: NO_TALLY,
      open: async (options) => {
        const session = await open(options);
        this.#sessions.add(session);
        void session.lost.then(() => this.#sessions.delete(session));
        return session;
      },
      listen: ({ text }) => world.history?.note(this.name, text),
    });
    this.loop = loop;
    crew.watch.start();
    if (world.lease.isThere) this.#renew(process);
  }

  /** It is gone at once; the kernel closes its connections. */
  kill(): void {
    if (this.process === undefined) return;
    this.#world.history?.note(this.name, 'is killed');
    this.process.alive = false;
    this.process = this.loop = undefined;
    for (const session of this.#sessions) session.end();
    this.#sessions.clear();
  }

  pause(): void {
    if (this.process === undefined) return;
    this.#world.history?.note(this.name, 'stands still');
    this.#world.timeline.pause(this.process);
  }

  resume(): void {
    if (this.process === undefined) return;
    this.#world.history?.note(this.name, 'goes on');
    this.#world.timeline.resume(this.process);
  }

  /** A person asks for another primary, if this one acts. */
  requestSwitchover(): void {
    if (this.process?.pausedAt === undefined) this.loop?.request(undefined);
  }

  /** What the API server says, a little later. */
  #later<T>(ask: () => T): Promise<T> {
    const { promise, resolve } = Promise.withResolvers<T>();
    const { timeline, random } = this.#world;
    timeline.after(random.between(1, 20), () => {
      const answer = ask();
      timeline.after(random.between(1, 20), () => resolve(answer), this.process, 'packet');
    });
    return promise;
  }

  #renew(process: Process): void {
    this.#world.lease.take(this.name, this.#world.timeline.now);
    this.#world.timeline.after(RENEW_MS, () => this.#renew(process), process);
  }

  #platform(): Platform {
    const world = this.#world;
    return {
      members: world.addresses,
      initialised: () => world.initialised,
      markInitialised: () => {
        world.initialised = true;
        return Promise.resolve();
      },
      mayTakeLocks: () => this.#later(() => world.lease.take(this.name, world.timeline.now)),
      yields: () => world.lease.isThere && world.lease.heldByOther(this.name, world.timeline.now),
      notice: () => NO_NOTICE,
    };
  }
}
