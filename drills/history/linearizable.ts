/**
 * Whether operations that overlap can be put in an order that a sequential model explains, each somewhere between its
 * invocation and its end: Wing and Gong's search, which remembers what it has tried (Lowe's improvement).
 */

/** One operation on one object. */
export interface Timed<I> {
  readonly input: I;
  readonly invokeMs: number;
  /** Infinity: it may take effect at any later time, or never. */
  readonly endMs: number;
}

/** What a sequential object does. */
export interface Model<S, I> {
  readonly initial: S;
  /** @returns the state after it, or `impossible` when in this state it would have been answered otherwise */
  readonly apply: (state: S, input: I) => { readonly state: S } | 'impossible';
  /** The same without its answer, which is not known yet; null: then it has no effect. */
  readonly unanswered: (input: I) => I | null;
  /** Equal texts for equal states, and only for those. */
  readonly textOf: (state: S) => string;
}

/** `undecided`: the search was given up. */
export type Decision = 'linearizable' | 'impossible' | 'undecided';

/** So many steps are tried for one object. */
export const STEP_LIMIT = 500_000;

/** A moment at which an operation begins or ends: a node of a list in the order of time, from which those that were tried are taken out. */
interface Moment<I> {
  readonly index: number;
  readonly op: Timed<I>;
  readonly end: Moment<I> | null;
  previous: Moment<I> | null;
  next: Moment<I> | null;
}

/**
 * Looks for an order.
 * @param limit steps after which the search is given up
 */
export function linearize<S, I>(model: Model<S, I>, operations: readonly Timed<I>[], limit = STEP_LIMIT): Decision {
  const head = listOf(operations);
  const tried = new Set<string>();
  const stack: { readonly moment: Moment<I>; readonly state: S; readonly done: bigint }[] = [];
  let [state, done, moment, steps] = [model.initial, 0n, head.next, 0];
  while (head.next !== null) {
    steps += 1;
    if (steps > limit) return 'undecided';
    const applied = moment === null || moment.end === null ? null : model.apply(state, moment.op.input);
    const after = moment === null || applied === null || applied === 'impossible' ? null : { state: applied.state, done: done | (1n << BigInt(moment.index)) };
    if (moment !== null && after !== null && isNew(tried, `${after.done.toString(36)} ${model.textOf(after.state)}`)) {
      stack.push({ moment, state, done });
      [state, done] = [after.state, after.done];
      takeOut(moment);
      moment = head.next;
    } else if (moment !== null && moment.end !== null) {
      moment = moment.next;
    } else {
      // An end is reached before its operation was put in the order: what was put before is to be changed.
      const last = stack.pop();
      if (last === undefined) return 'impossible';
      putBack(last.moment);
      [state, done, moment] = [last.state, last.done, last.moment.next];
    }
  }
  return 'linearizable';
}

function isNew(tried: Set<string>, text: string): boolean {
  if (tried.has(text)) return false;
  tried.add(text);
  return true;
}

/** All beginnings and ends in the order of time; at the same time beginnings first, since these overlap. */
function listOf<I>(operations: readonly Timed<I>[]): Moment<I> {
  const moments = operations.flatMap((op, index) => {
    const end: Moment<I> = { index, op, end: null, previous: null, next: null };
    return [{ index, op, end, previous: null, next: null }, end] satisfies Moment<I>[];
  });
  const timeOf = ({ op, end }: Moment<I>): number => (end === null ? op.endMs : op.invokeMs);
  moments.sort((a, b) => (timeOf(a) === timeOf(b) ? Number(a.end === null) - Number(b.end === null) : timeOf(a) - timeOf(b)));
  const head: Moment<I> = { index: -1, op: { input: undefined as I, invokeMs: -Infinity, endMs: -Infinity }, end: null, previous: null, next: null };
  let last = head;
  for (const moment of moments) {
    moment.previous = last;
    last.next = moment;
    last = moment;
  }
  return head;
}

/** Takes a beginning and its end out of the list; they keep their neighbours, so that they can be put back. */
function takeOut<I>(moment: Moment<I>): void {
  for (const one of [moment, moment.end]) {
    if (one === null) continue;
    if (one.previous !== null) one.previous.next = one.next;
    if (one.next !== null) one.next.previous = one.previous;
  }
}

function putBack<I>(moment: Moment<I>): void {
  for (const one of [moment.end, moment]) {
    if (one === null) continue;
    if (one.previous !== null) one.previous.next = one;
    if (one.next !== null) one.next.previous = one;
  }
}

/**
 * The first operation whose answer no order explains, given everything that was known when it ended; to be asked of what is
 * not linearizable.
 */
export function firstUnexplained<S, I>(model: Model<S, I>, operations: readonly Timed<I>[]): Timed<I> | undefined {
  const ended = operations.filter((op) => op.endMs < Infinity).sort((a, b) => a.endMs - b.endMs);
  let [fine, bad] = [0, ended.length];
  while (fine + 1 < bad) {
    const middle = (fine + bad) >> 1;
    if (linearize(model, known(model, operations, ended[middle - 1]?.endMs ?? 0)) === 'impossible') bad = middle;
    else fine = middle;
  }
  return ended[bad - 1];
}

/** What was known at a time: who had not ended by then may or may not have had an effect. */
function known<S, I>(model: Model<S, I>, operations: readonly Timed<I>[], untilMs: number): readonly Timed<I>[] {
  return operations.filter((op) => op.invokeMs <= untilMs).flatMap((op) => {
    if (op.endMs <= untilMs) return [op];
    const input = model.unanswered(op.input);
    return input === null ? [] : [{ input, invokeMs: op.invokeMs, endMs: Infinity }];
  });
}
