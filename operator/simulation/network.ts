import type { Random } from './random.ts';
import type { Process, Timeline } from './timeline.ts';

/** One way between two hosts within one connection: what is sent first arrives first. */
export interface Way {
  readonly from: number;
  readonly to: number;
  last: number;
}

/** How long a packet is on its way, ms: nearly always little, now and then much. */
const [FAST_MS, SLOW_MS, SLOW_CHANCE] = [0.6, 40, 0.004];
/** After a cut is healed, lost packets are sent again within this, ms. */
const AGAIN_MS = 250;

/** The network between members, operators and clients, which loses nothing for good, as TCP does not, but may hold it back. */
export class Network {
  readonly #timeline: Timeline;
  readonly #random: Random;
  /** By `from > to`: since when nothing gets through, and what waits. */
  readonly #cuts = new Map<number, { readonly since: number; readonly held: (() => void)[] }>();
  /** Milliseconds more, everywhere. */
  slowness = 0;

  constructor(timeline: Timeline, random: Random) {
    this.#timeline = timeline;
    this.#random = random;
  }

  /** Lets something happen at the other end. */
  send(way: Way, call: () => void, process?: Process): void {
    const cut = this.#cuts.size === 0 ? undefined : this.#cuts.get(key(way));
    if (cut !== undefined) cut.held.push(() => this.#deliver(way, call, process, this.#random.between(1, AGAIN_MS)));
    else this.#deliver(way, call, process, this.#latency());
  }

  /** Whether nothing gets through. */
  isCut(from: number, to: number): boolean {
    return this.#cuts.has(key({ from, to }));
  }

  /** Since when nothing gets through; undefined when it does. */
  cutSince(from: number, to: number): number | undefined {
    return this.#cuts.get(key({ from, to }))?.since;
  }

  cut(from: number, to: number): void {
    if (!this.isCut(from, to)) this.#cuts.set(key({ from, to }), { since: this.#timeline.now, held: [] });
  }

  heal(from: number, to: number): void {
    const held = this.#cuts.get(key({ from, to }))?.held ?? [];
    this.#cuts.delete(key({ from, to }));
    for (const again of held) again();
  }

  /** A machine is gone: what it has sent and nobody has got is gone too. */
  forget(from: number): void {
    for (const [at, { held }] of this.#cuts) if (Math.floor(at / HOSTS) === from) held.length = 0;
  }

  healAll(): void {
    for (const at of this.#cuts.keys()) this.heal(Math.floor(at / HOSTS), at % HOSTS);
    this.slowness = 0;
  }

  #latency(): number {
    const usual = this.#random.between(0.05, FAST_MS) + this.slowness;
    return this.#random.chance(SLOW_CHANCE) ? usual + this.#random.between(0, SLOW_MS) : usual;
  }

  // oxlint-disable-next-line max-params -- called for each packet
  #deliver(way: Way, call: () => void, process: Process | undefined, ms: number): void {
    const at = Math.max(this.#timeline.now + ms, way.last);
    way.last = at;
    this.#timeline.after(at - this.#timeline.now, call, process, 'packet');
  }
}

const HOSTS = 16;
const key = ({ from, to }: { readonly from: number; readonly to: number }): number => from * HOSTS + to;
