import v8 from 'node:v8';

/** Something that runs, may stand still for a while, and may be dead. */
export interface Process {
  readonly name: string;
  alive: boolean;
  /** Since when it stands still, ms; undefined while it runs. */
  pausedAt: number | undefined;
  /** What would have happened in it while it stood still. */
  readonly backlog: Entry[];
  /** Code with promises runs in it; mysqld and the kernels of the machines are models without any. */
  readonly hasPromises: boolean;
}

/** Something that will happen. */
export interface Entry {
  time: number;
  order: number;
  readonly kind: 'timer' | 'packet';
  readonly process: Process | undefined;
  /** undefined once it was taken back. */
  call: (() => void) | undefined;
  /** Waits for the one before it, and is followed by these. */
  behind: Entry[] | undefined;
}

/** A process that has just started, with code that waits for promises. */
export const newProcess = (name: string): Process => ({ name, alive: true, pausedAt: undefined, backlog: [], hasPromises: true });

/** The same of a model, without promises. */
export const newModel = (name: string): Process => ({ ...newProcess(name), hasPromises: false });

/** What answers for a machine whatever runs there. */
export const KERNEL = newModel('kernel');

v8.setFlagsFromString('--allow-natives-syntax');
/** Runs everything that promises have made due, now: so a whole schedule is one synchronous run. V8's own checkpoint, as after each callback of Node's. */
// oxlint-disable-next-line typescript/no-implied-eval -- the syntax is V8's alone
const settlePromises = new Function('%PerformMicrotaskCheckpoint()') as () => void;

/** Simulated time: what is to happen, in order. Must run outside of any promise's callback. */
export class Timeline {
  now = 0;
  /** How many things have happened. */
  steps = 0;
  /** A model has settled a promise of somebody's; to look for such after each step takes time. */
  unsettled = false;
  #order = 0;
  readonly #heap: Entry[] = [];
  /** By their length: deadlines in the order of their times, of which only the first is in the heap. */
  readonly #deadlines = new Map<number, Entry[]>();

  /** Lets something happen after a time, ms, in a process or in nobody's. */
  after(ms: number, call: () => void, process?: Process, kind: Entry['kind'] = 'timer'): Entry {
    const entry: Entry = { time: this.now + Math.max(0, ms), order: (this.#order += 1), kind, process, call, behind: undefined };
    this.#push(entry);
    return entry;
  }

  /** The same for what is nearly always taken back in time. */
  deadline(ms: number, call: () => void, process: Process): Entry {
    let line = this.#deadlines.get(ms);
    if (line === undefined) this.#deadlines.set(ms, (line = []));
    const entry: Entry = { time: this.now + ms, order: (this.#order += 1), kind: 'timer', process, call, behind: line };
    line.push(entry);
    if (line.length === 1) this.#push(entry);
    return entry;
  }

  /** Lets one thing happen. @returns whether there was one before that time */
  step(until: number): boolean {
    const entry = this.#heap[0];
    if (entry === undefined || entry.time > until) {
      this.now = Math.max(this.now, until);
      return false;
    }
    this.#pop();
    if (entry.behind !== undefined) this.#advance(entry, entry.behind);
    const { call, process } = entry;
    if (call === undefined || process?.alive === false) return true;
    if (process?.pausedAt !== undefined) {
      process.backlog.push(entry);
      return true;
    }
    this.now = entry.time;
    this.steps += 1;
    call();
    if (this.unsettled || process?.hasPromises !== false) settlePromises();
    this.unsettled = false;
    return true;
  }

  /** Lets it stand still: nothing happens in it. */
  pause(process: Process): void {
    process.pausedAt ??= this.now;
  }

  /** Lets it go on, unless it is dead: its timers fire first, then it reads what has arrived, as an event loop does after a stop. */
  resume(process: Process): void {
    if (process.pausedAt === undefined || !process.alive) return;
    process.pausedAt = undefined;
    const waiting = process.backlog.splice(0);
    for (const kind of ['timer', 'packet'] as const) {
      for (const entry of waiting.filter((one) => one.kind === kind)) {
        entry.time = this.now;
        entry.order = this.#order += 1;
        this.#push(entry);
      }
    }
  }

  /** The next deadline of a line that was not taken back takes the place of its first. */
  #advance(first: Entry, line: Entry[]): void {
    first.behind = undefined;
    const left = line.findIndex((one, index) => index > 0 && one.call !== undefined);
    line.splice(0, left < 0 ? line.length : left);
    const [next] = line;
    if (next !== undefined) this.#push(next);
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || before(parent, entry)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      let child = heap[below];
      const right = heap[below + 1];
      if (child !== undefined && right !== undefined && before(right, child)) [below, child] = [below + 1, right];
      if (child === undefined || before(last, child)) break;
      heap[at] = child;
      at = below;
    }
    heap[at] = last;
  }
}

const before = (a: Entry, b: Entry): boolean => a.time < b.time || (a.time === b.time && a.order < b.order);
