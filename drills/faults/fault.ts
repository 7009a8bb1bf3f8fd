import type { OwnStack } from '../stack/own.ts';
import type { Stack } from '../stack/stack.ts';
import type { Damage } from '../verdict/judge.ts';

/** Where a fault happens. */
export interface Stage {
  readonly stack: Stack;
  /** Set when the drill has started the stack itself: then its supervisor may be killed too. */
  readonly own: OwnStack | null;
  /** Milliseconds on the drill's clock, which the load uses too. */
  readonly now: () => number;
  /** Aborted when the drill is to end: a fault mends what it broke and rejects. */
  readonly signal: AbortSignal;
  /** Tells the person something that is no result. */
  readonly note: (text: string) => void;
}

/**
 * Breaks something from outside, waits until it is seen that it broke, and mends what does not mend itself.
 * @throws Error when the fault did not happen: then the run shows nothing
 */
export type Fault = (stage: Stage) => Promise<Damage>;
