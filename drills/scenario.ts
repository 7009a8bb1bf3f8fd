import type { Fault, Ground, Stage } from './faults/fault.ts';
import type { LoadOptions } from './load/load.ts';
import type { Bounds } from './verdict/judge.ts';

/** How long the load runs without a fault, in milliseconds. */
export interface Calm {
  readonly beforeMs: number;
  /** At least so long. */
  readonly afterMs: number;
}

/** A drill: what is broken, and what it may cost at most. */
export interface Scenario<S extends Ground = Stage> {
  readonly name: string;
  /** One line for the list. */
  readonly says: string;
  /** Brings about what the fault takes for granted, before there is any load. */
  readonly prepare?: (stage: S) => Promise<void>;
  readonly fault: Fault<S>;
  readonly bounds: Bounds;
  /** Where it can take place; `its own stack`: the supervisor is killed, too; `disks`, `clocks`: each member has one of its own. */
  readonly needs: 'any stack' | 'its own stack' | 'links' | 'disks' | 'clocks';
  /** How much is asked of the stack meanwhile. */
  readonly load: LoadOptions;
  /** By default three seconds before and five after. */
  readonly calm?: Calm;
}

/** No request fails, and nothing else is bounded but the time to full health. */
export const NOTHING_FAILS: Bounds = { failures: 'none', longestWriteGapMs: null, medianWriteGapMs: null, slowestRequestMs: null, healMs: 30_000 };
