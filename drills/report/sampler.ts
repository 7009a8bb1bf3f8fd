import { setTimeout as sleep } from 'node:timers/promises';
import type { OperatorStatus } from '../stack/status.ts';

/** What is seen of a stack at one moment. */
export interface Look {
  /** Null while none answers. */
  readonly operator: OperatorStatus | null;
  /** Processes or pods, by name, with what can be said of each in a word; `running` of those that are well. */
  readonly parts: readonly { readonly name: string; readonly state: string }[];
}

/** Something was in one state all the time, on the drill's clock. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
  readonly state: string;
}

/** What became of one part of the stack. */
export interface Band {
  readonly name: string;
  readonly kind: 'member' | 'part';
  readonly spans: readonly Span[];
}

/** Something that happened at a time, on the drill's clock. */
export interface Mark {
  readonly atMs: number;
  readonly text: string;
}

/** What was seen over a time. */
export interface Watched {
  readonly bands: readonly Band[];
  /** What the operator wrote into its diary. */
  readonly events: readonly Mark[];
}

const PAUSE_MS = 200;

/** Looking may take this part of the time at most: a look at a cluster costs more than one at this machine. */
const REST = 4;

/** What is looked at, and by which clock. */
export interface Watchable {
  readonly look: (signal: AbortSignal) => Promise<Look>;
  readonly now: () => number;
}

/** Looks at a stack again and again, and remembers who was what, and when. */
export class Sampler {
  readonly #target: Watchable;
  readonly #stopping = new AbortController();
  readonly #spans = new Map<string, { kind: Band['kind']; spans: { fromMs: number; toMs: number; state: string }[] }>();
  readonly #events = new Map<string, Mark>();
  readonly #startedMs: number;
  readonly #running: Promise<void>;

  /** Begins at once. {@link stop} must be called. */
  constructor(target: Watchable) {
    this.#target = target;
    this.#startedMs = target.now();
    this.#running = this.#run();
  }

  /** Ends it. Idempotent. */
  async stop(): Promise<Watched> {
    this.#stopping.abort();
    await this.#running;
    const bands = [...this.#spans].map(([name, { kind, spans }]) => ({ name, kind, spans }));
    const events = [...this.#events.values()].filter(({ atMs }) => atMs >= this.#startedMs).sort((a, b) => a.atMs - b.atMs);
    return { bands: bands.sort((a, b) => a.kind.localeCompare(b.kind) || a.name.localeCompare(b.name)), events };
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const beganMs = this.#target.now();
      const look = await this.#target.look(signal).catch((): Look => ({ operator: null, parts: [] }));
      if (signal.aborted) return;
      this.#take(look, beganMs);
      await sleep(Math.max(PAUSE_MS, REST * (this.#target.now() - beganMs)), undefined, { signal }).catch(() => undefined);
    }
  }

  #take({ operator, parts }: Look, atMs: number): void {
    const down = new Map(parts.filter(({ state }) => state !== 'running').map(({ name, state }) => [name, state]));
    const members = new Set(operator?.members.map(({ name }) => name) ?? []);
    for (const { name, role } of operator?.members ?? []) this.#extend('member', name, down.get(name) ?? role, atMs);
    for (const { name, state } of parts) {
      if (!members.has(name) && this.#spans.get(name)?.kind !== 'member') this.#extend('part', name, state, atMs);
    }
    const offsetMs = this.#target.now() - Date.now();
    for (const { at, member, text } of operator?.events ?? []) {
      this.#events.set(`${at} ${member ?? ''} ${text}`, { atMs: Date.parse(at) + offsetMs, text: member === undefined || text.includes(member) ? text : `${member}: ${text}` });
    }
  }

  #extend(kind: Band['kind'], name: string, state: string, atMs: number): void {
    const band = this.#spans.get(name) ?? { kind, spans: [] };
    this.#spans.set(name, band);
    const last = band.spans.at(-1);
    if (last !== undefined) last.toMs = atMs;
    if (last?.state !== state) band.spans.push({ fromMs: atMs, toMs: atMs, state });
  }
}
