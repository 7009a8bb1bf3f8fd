import type { OwnStack } from '../stack/own.ts';
import type { Stack } from '../stack/stack.ts';
import type { Target } from '../stack/target.ts';
import type { Damage } from '../verdict/judge.ts';

/** What every stage has, whichever platform it is on. */
export interface Ground {
  readonly stack: Target;
  /** Set when the drill has started the stack itself. */
  readonly own: OwnStack | null;
  /** Milliseconds on the drill's clock, which the load uses too. */
  readonly now: () => number;
  /** Aborted when the drill is to end: a fault mends what it broke and rejects. */
  readonly signal: AbortSignal;
  /** Tells the person something that is no result. */
  readonly note: (text: string) => void;
}

/** Where a fault of the local stack happens: if the drill has started it itself, its supervisor may be killed too. */
export interface Stage extends Ground {
  readonly stack: Stack;
}

/**
 * Breaks something from outside, waits until it is seen that it broke, and mends what does not mend itself.
 * @throws Error when the fault did not happen: then the run shows nothing
 */
export type Fault<S extends Ground = Stage> = (stage: S) => Promise<Damage>;
