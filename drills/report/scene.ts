import type { Series } from './series.ts';
import type { Band, Mark } from './sampler.ts';

/** A time in which something did not happen, or happened all the time. */
export interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
  readonly text: string;
}

/** All that a report shows. Times are milliseconds on the drill's clock. */
export interface Scene {
  readonly title: string;
  readonly subtitle: string;
  readonly passed: boolean;
  /** One sentence. */
  readonly verdict: string;
  /** What is wrong, a sentence each; empty: nothing. */
  readonly complaints: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
  /** What counts as 0 on the time line: the first fault. */
  readonly zeroMs: number;
  /** What was done to the stack. */
  readonly faults: readonly Mark[];
  /** What the operator said. */
  readonly events: readonly Mark[];
  readonly bands: readonly Band[];
  readonly series: Series;
  readonly stretches: readonly Stretch[];
  /** Name and value. */
  readonly figures: readonly (readonly [string, string])[];
  /** What was seen, a sentence each. */
  readonly sentences: readonly string[];
}
