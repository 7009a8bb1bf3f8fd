import type { Logger } from 'pino';
import { Pool } from '../mysql/pool.ts';
import type { MemberPool, Primary, Replica, Topology } from '../ports.ts';
import { OBSERVE, type Observation, readObservation } from './observation.ts';
import { type Known, type View, view } from './view.ts';

/** One member: a pool for statements, and a connection of its own for being looked at, which a busy pool must not delay. */
export interface WatchedMember {
  readonly name: string;
  readonly pool: MemberPool & { close(): void };
  /** Makes the connection for looking; `onLost` when it ends by itself. */
  readonly openProbe: (onLost: () => void) => MemberPool & { close(): void };
}

/** Intervals in milliseconds. */
export interface Pace {
  /** Between two looks at a member while all is well. */
  readonly calmMs: number;
  /** The same while the primary is slow: it may be lost, or the machine may be busy enough without being looked at. */
  readonly waryMs: number;
  /** Shortest and longest interval while there is no primary or it has failed; random in between, so that processes do not look in step. */
  readonly hurriedMs: readonly [number, number];
  /** For one look. */
  readonly deadlineMs: number;
  /** How long a suspicion hurries. */
  readonly suspicionMs: number;
}

export const PACE: Pace = { calmMs: 250, waryMs: 100, hurriedMs: [25, 50], deadlineMs: 1000, suspicionMs: 2000 };

/** What the watcher needs from outside. */
export interface TopologyOptions {
  readonly members: readonly WatchedMember[];
  readonly log: Logger;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** In [0, 1). */
  readonly random: () => number;
  readonly pace?: Pace;
  /** Called when a primary of a higher epoch than the last known one is found. */
  readonly onFailover?: () => void;
}

interface Watch {
  readonly member: WatchedMember;
  readonly probe: MemberPool & { close(): void };
  /** Ends the pause before the next look. */
  wake: () => void;
  last?: Observation;
  /** Looks that were asked before this moment do not make it the primary again. */
  doubtedAt: number;
}

/** Watches all members, each in a loop of its own, so that a silent one delays nobody. */
export class MemberTopology implements Topology {
  readonly #options: TopologyOptions;
  readonly #pace: Pace;
  readonly #watches: readonly Watch[];
  readonly #listeners = new Set<() => void>();
  #view: View = { epoch: 0, current: false, replicas: [], lastResort: [] };
  #primary: Primary | undefined;
  #lastEpoch: number | undefined;
  #hurriedUntil = 0;
  #waryUntil = 0;
  #stopped = false;
  #loops: readonly Promise<void>[] = [];

  constructor(options: TopologyOptions) {
    this.#options = options;
    this.#pace = options.pace ?? PACE;
    this.#watches = options.members.map((member) => {
      const watch: Watch = { member, probe: member.openProbe(() => this.#lost(watch)), wake: () => undefined, doubtedAt: 0 };
      return watch;
    });
  }

  /** Begins to watch; returns at once. */
  start(): void {
    this.#loops = this.#watches.map((watch) => this.#loop(watch));
  }

  /** Ends all loops and closes all connections. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#wakeAll();
    for (const { member, probe } of this.#watches) {
      probe.close();
      member.pool.close();
    }
    await Promise.all(this.#loops);
  }

  primary(): Primary | undefined {
    return this.#primary;
  }

  isCurrent(): boolean {
    return view(this.#known(), this.#view.epoch, this.#options.now()).current;
  }

  replicas(): readonly Replica[] {
    return this.#toReplicas(this.#view.replicas);
  }

  lastResort(): readonly Replica[] {
    return this.#toReplicas(this.#view.lastResort);
  }

  async waitForPrimary(signal: AbortSignal): Promise<Primary> {
    signal.throwIfAborted();
    if (this.#primary !== undefined) return this.#primary;
    return new Promise((resolve, reject) => {
      const stop = this.onChange(() => {
        if (this.#primary === undefined) return;
        signal.removeEventListener('abort', abort);
        stop();
        resolve(this.#primary);
      });
      const abort = (): void => {
        stop();
        reject(signal.reason);
      };
      signal.addEventListener('abort', abort, { once: true });
    });
  }

  suspect(primary: Primary, symptom: 'slow' | 'failed'): void {
    const watch = this.#watches.find(({ member }) => member.pool === primary.pool);
    // Late news of a primary that another has followed since.
    if (watch === undefined || primary.epoch < this.#view.epoch) return;
    if (symptom === 'failed') {
      watch.doubtedAt = this.#options.now();
      delete watch.last;
      this.#conclude();
      this.#hurry();
    } else if (this.#options.now() >= this.#waryUntil) {
      this.#waryUntil = this.#options.now() + this.#pace.suspicionMs;
      this.#wakeAll();
    }
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #loop(watch: Watch): Promise<void> {
    while (!this.#stopped) {
      const askedAt = this.#options.now();
      const observation = await this.#look(watch, askedAt);
      // It failed somebody while it was asked: ask again at once.
      if (askedAt < watch.doubtedAt) continue;
      if (observation === undefined) delete watch.last;
      else watch.last = observation;
      this.#conclude();
      await this.#pause(watch);
    }
  }

  async #look({ probe, member }: Watch, askedAt: number): Promise<Observation | undefined> {
    try {
      const { sets } = await probe.run(OBSERVE, [], { deadlineMs: this.#pace.deadlineMs });
      const row = sets[0]?.[0];
      return row === undefined ? undefined : readObservation(row, { askedAt, answeredAt: this.#options.now() });
    } catch (error) {
      this.#options.log.trace({ member: member.name, err: error }, 'A member could not be looked at');
      return undefined;
    }
  }

  #pause(watch: Watch): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    const pauseMs = this.#pauseMs();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, pauseMs);
      watch.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** A connection that ended by itself: that member's death, most likely. Its next look says. */
  #lost(watch: Watch): void {
    delete watch.last;
    this.#conclude();
    this.#hurry();
  }

  #pauseMs(): number {
    const { calmMs, waryMs, hurriedMs: [least, most] } = this.#pace;
    const { now, random } = this.#options;
    if (this.#primary === undefined || now() < this.#hurriedUntil) return least + random() * (most - least);
    return now() < this.#waryUntil ? waryMs : calmMs;
  }

  #hurry(): void {
    this.#hurriedUntil = this.#options.now() + this.#pace.suspicionMs;
    this.#wakeAll();
  }

  #wakeAll(): void {
    for (const { wake } of this.#watches) wake();
  }

  #known(): readonly Known[] {
    return this.#watches.map(({ member, last }) => ({ name: member.name, ...(last && { last }) }));
  }

  #conclude(): void {
    const before = this.#view;
    this.#view = view(this.#known(), before.epoch, this.#options.now());
    const samePrimary = before.primary === this.#view.primary && (this.#primary === undefined || this.#primary.epoch === this.#view.epoch);
    if (samePrimary && before.replicas.join() === this.#view.replicas.join()) return;
    if (!samePrimary) this.#nowPrimary();
    for (const listener of this.#listeners) listener();
  }

  #nowPrimary(): void {
    const { primary: name, epoch } = this.#view;
    const watch = this.#watches.find(({ member }) => member.name === name);
    this.#primary = watch?.last === undefined ? undefined : { epoch, serverUuid: watch.last.serverUuid, pool: watch.member.pool };
    if (this.#primary === undefined) {
      this.#options.log.warn({ epoch }, 'No primary is reached');
      this.#wakeAll();
      return;
    }
    this.#options.log.info({ epoch, primary: name }, 'The primary is found');
    if (this.#lastEpoch !== undefined && epoch > this.#lastEpoch) this.#options.onFailover?.();
    this.#lastEpoch = epoch;
  }

  #toReplicas(names: readonly string[]): readonly Replica[] {
    return this.#watches.flatMap(({ member, last }) =>
      names.includes(member.name) && last !== undefined ? [{ epoch: last.epoch?.number ?? 0, serverUuid: last.serverUuid, pool: member.pool }] : []);
  }
}

/**
 * The usual member: a pool for statements and one connection for looking.
 * @param target whom and as whom
 * @param size connections of the pool at most
 */
export const watched = (target: ConstructorParameters<typeof Pool>[0], size: number): WatchedMember => ({
  name: target.member.name,
  pool: new Pool(target, { size }),
  openProbe: (onLost) => {
    const { database: _anySchema, ...anywhere } = target;
    return new Pool(anywhere, { size: 1, onLost });
  },
});
