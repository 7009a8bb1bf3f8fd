import { classify } from '../mysql/errors.ts';

/** How many writes share a transaction, and when. */
export interface BatchPace {
  /** Writes in one batch at most. */
  readonly size: number;
  /** Milliseconds after which a batch keeps nobody waiting any more: it may hang. */
  readonly slowMs: number;
}

/** How writes are carried out. */
export interface Sender<W, A> {
  /** One in a transaction of its own; aborted: given up. */
  readonly alone: (write: W, signal: AbortSignal) => Promise<A>;
  /** Several in one transaction, all of them or none; answers in their order. Aborted: nobody waits for it any more. */
  readonly together: (writes: readonly W[], signal: AbortSignal) => Promise<readonly A[]>;
  /** Told why a batch failed whose writes are tried alone now. */
  readonly onSplit: (error: unknown) => void;
}

interface Waiting<W, A> {
  readonly write: W;
  readonly signal: AbortSignal;
  readonly answer: PromiseWithResolvers<A>;
}

/**
 * Writes to one primary that share transactions: those that come while others are under way wait for these to end, and
 * then go together. Nobody waits for company: a write that finds none under way goes at once, alone. One at a time, since two
 * beside each other were slower for any number of clients (docs/performance.md).
 */
export class Batches<W, A> {
  readonly #sender: Sender<W, A>;
  readonly #pace: BatchPace;
  #underWay = 0;
  #queue: Waiting<W, A>[] = [];

  constructor(sender: Sender<W, A>, pace: BatchPace) {
    this.#sender = sender;
    this.#pace = pace;
  }

  /**
   * Carries out a write. A batch that fails harms nobody: each of its writes is then tried alone, at once, unless the
   * member is leaving.
   * @param signal aborted: this write is given up, not sent if it was not yet; its neighbours go on
   * @throws what `alone` or `together` threw, also to writes not yet sent when the member is leaving; the signal's reason
   */
  async add(write: W, signal: AbortSignal): Promise<A> {
    signal.throwIfAborted();
    const waiting = { write, signal, answer: Promise.withResolvers<A>() };
    const giveUp = (): void => {
      this.#queue = this.#queue.filter((other) => other !== waiting);
      waiting.answer.reject(signal.reason);
    };
    signal.addEventListener('abort', giveUp, { once: true });
    this.#queue.push(waiting);
    this.#next();
    try {
      return await waiting.answer.promise;
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  }

  #next(): void {
    if (this.#underWay === 0 && this.#queue.length > 0) void this.#go(this.#queue.splice(0, this.#pace.size));
  }

  async #go(batch: readonly Waiting<W, A>[]): Promise<void> {
    const end = this.#begin();
    const slow = setTimeout(end, this.#pace.slowMs);
    try {
      await this.#carryOut(batch);
    } catch (error) {
      for (const { answer } of batch) answer.reject(error);
      // Whoever still waits would only go to the same member.
      if (classify(error) === 'leaving') for (const { answer } of this.#queue.splice(0)) answer.reject(error);
    } finally {
      clearTimeout(slow);
      end();
    }
  }

  async #carryOut(batch: readonly Waiting<W, A>[]): Promise<void> {
    const [first, second] = batch;
    if (first !== undefined && second === undefined) return first.answer.resolve(await this.#sender.alone(first.write, first.signal));
    using everyone = new Everyone(batch.map(({ signal }) => signal));
    try {
      const answers = await this.#sender.together(batch.map(({ write }) => write), everyone.gone);
      for (const [index, { answer }] of batch.entries()) answer.resolve(answers[index] as A);
    } catch (error) {
      if (everyone.gone.aborted || classify(error) === 'leaving') throw error;
      this.#sender.onSplit(error);
      for (const { write, signal, answer } of batch) if (!signal.aborted) answer.resolve(this.#sender.alone(write, signal));
    }
  }

  /** @returns ends it; again: nothing */
  #begin(): () => void {
    let isUnderWay = true;
    this.#underWay += 1;
    return () => {
      if (!isUnderWay) return;
      isUnderWay = false;
      this.#underWay -= 1;
      this.#next();
    };
  }
}

/** Those who wait for one batch. */
class Everyone implements Disposable {
  readonly #gone = new AbortController();
  readonly #signals: readonly AbortSignal[];
  readonly #look = (): void => {
    if (this.#signals.every(({ aborted }) => aborted)) this.#gone.abort(this.#signals[0]?.reason);
  };

  constructor(signals: readonly AbortSignal[]) {
    this.#signals = signals;
    for (const signal of signals) signal.addEventListener('abort', this.#look, { once: true });
  }

  /** Aborted when all are gone. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  [Symbol.dispose](): void {
    for (const signal of this.#signals) signal.removeEventListener('abort', this.#look);
  }
}
