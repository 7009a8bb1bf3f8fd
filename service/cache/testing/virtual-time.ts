import { randomFrom } from '../../../common/random.ts';
import type { Clock } from '../clock.ts';

interface Event {
  readonly at: number;
  readonly order: number;
  /** Process in which it happens; held back while that is frozen. */
  readonly owner: string | undefined;
  readonly act: () => void;
}

/** Time that passes only from event to event, and processes that can be frozen and thawed. */
export class VirtualTime {
  readonly random: () => number;
  private events: Event[] = [];
  private readonly frozen = new Map<string, Event[]>();
  private current = 0;
  private order = 0;

  constructor(seed: number) {
    this.random = randomFrom(seed);
  }

  now(): number {
    return this.current;
  }

  /** Lets something happen so many milliseconds from now, in a process or outside of all. */
  after(ms: number, act: () => void, owner?: string): void {
    this.order += 1;
    this.insert({ at: this.current + Math.max(0, ms), order: this.order, owner, act });
  }

  /** A process's clock: goes on while the process is frozen, but nothing in it happens. */
  clockOf(owner: string): Clock {
    return {
      now: () => this.current,
      sleep: (ms, signal) =>
        new Promise((resolve, reject) => {
          signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
          this.after(ms, resolve, owner);
        }),
    };
  }

  freeze(owner: string): void {
    if (!this.frozen.has(owner)) this.frozen.set(owner, []);
  }

  thaw(owner: string): void {
    const held = this.frozen.get(owner) ?? [];
    this.frozen.delete(owner);
    for (const event of held) this.after(0, event.act, owner);
  }

  /** Runs all events up to a time; between two of them every promise settles that can. */
  async runUntil(time: number): Promise<void> {
    for (let event = this.events[0]; event !== undefined && event.at <= time; event = this.events[0]) {
      this.events.shift();
      this.current = event.at;
      const held = event.owner === undefined ? undefined : this.frozen.get(event.owner);
      if (held === undefined) event.act();
      else held.push(event);
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.current = time;
  }

  private insert(event: Event): void {
    const index = this.events.findLastIndex(({ at, order }) => at < event.at || (at === event.at && order < event.order));
    this.events.splice(index + 1, 0, event);
  }
}

/** A message that takes time there and back. */
export interface Call<T> {
  /** The calling process. */
  readonly owner: string;
  /** What happens at the other end, in one moment; undefined: no answer ever comes. */
  readonly act: () => { readonly answer: T } | undefined;
  /** Milliseconds until the caller gives up; the message may still arrive later. */
  readonly timeoutMs: number;
  /** Milliseconds on top of the usual way. */
  readonly extraMs?: number;
}

/** Sends it. @throws what `act` throws, or an Error when no answer came in time */
export function call<T>(time: VirtualTime, { owner, act, timeoutMs, extraMs = 0 }: Call<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const arrive = (): void => {
      try {
        const result = act();
        if (result !== undefined) time.after(way(time), () => resolve(result.answer), owner);
      } catch (error) {
        time.after(way(time), () => reject(error), owner);
      }
    };
    // A process can be frozen between deciding to send and sending.
    time.after(time.random() / 2, () => time.after(way(time) + extraMs, arrive), owner);
    time.after(timeoutMs, () => reject(new Error(`no answer within ${timeoutMs} ms`)), owner);
  });
}

/** Mostly a millisecond, now and then up to half a second: a lost packet, a pause of either side. */
function way(time: VirtualTime): number {
  const chance = time.random();
  if (chance < 0.94) return time.random() * 2;
  return chance < 0.98 ? time.random() * 15 : time.random() * 500;
}
