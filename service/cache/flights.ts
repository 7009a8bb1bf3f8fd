/** One run at a time per key; whoever comes while it runs gets its result. */
export class SingleFlight<T> {
  private readonly running = new Map<string, Promise<T>>();

  /** The run under this key, if there is one. */
  underWay(key: string): Promise<T> | undefined {
    return this.running.get(key);
  }

  /** Joins the run under this key, or starts one. All who joined get its result or its error. */
  join(key: string, run: () => Promise<T>): Promise<T> {
    const running = this.running.get(key);
    if (running !== undefined) return running;
    const started = run().finally(() => this.running.delete(key));
    this.running.set(key, started);
    return started;
  }
}

interface Round<T> {
  readonly result: Promise<T>;
  /** Its run has begun: whoever comes now comes too late for it. */
  hasBegun: boolean;
  /** The round after it, for those who came while it ran. */
  next: Promise<T> | undefined;
}

/**
 * One run at a time per key; whoever comes while it runs gets the result of the next one. So every result comes from a
 * run that began after it was asked for, which a {@link SingleFlight} does not give.
 */
export class Rounds<T> {
  private readonly rounds = new Map<string, Round<T>>();
  private readonly gather: (() => Promise<unknown>) | undefined;

  /** @param gather what a run waits for before it begins, so that those who come meanwhile share it; default: nothing */
  constructor(gather?: () => Promise<unknown>) {
    this.gather = gather;
  }

  /** A result of a run that begins after this call. */
  join(key: string, run: () => Promise<T>): Promise<T> {
    const current = this.rounds.get(key);
    if (current === undefined) return this.begin(key, run);
    if (!current.hasBegun) return current.result;
    current.next ??= current.result.then(() => this.begin(key, run), () => this.begin(key, run));
    return current.next;
  }

  private begin(key: string, run: () => Promise<T>): Promise<T> {
    const { gather } = this;
    const result = gather === undefined ? run() : gather().then(() => {
      round.hasBegun = true;
      return run();
    });
    const round: Round<T> = { result, hasBegun: gather === undefined, next: undefined };
    this.rounds.set(key, round);
    const end = (): void => {
      if (this.rounds.get(key) === round && round.next === undefined) this.rounds.delete(key);
    };
    result.then(end, end);
    return result;
  }
}
