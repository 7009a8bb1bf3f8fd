import type { Connection } from 'mysql2/promise';
import type { Look } from '../report/sampler.ts';
import type { OperatorStatus } from './status.ts';
import { until } from './wait.ts';

/** What a run of a drill needs to know of the thing that it breaks, on whichever platform that is. */
export interface Target {
  /** Scheme, host and port of each address of the edge. */
  readonly urls: readonly string[];
  /** Names of all MySQL members. */
  readonly memberNames: readonly string[];
  /** What the operator that acts says now; null while none answers. */
  operator(signal: AbortSignal): Promise<OperatorStatus | null>;
  /** All that a report shows of it now. @throws Error when it does not answer */
  look(signal: AbortSignal): Promise<Look>;
  /**
   * A session on a member, with the rights to read all of the schema and to change system variables. The caller ends it.
   * @param name such as `mysql-0`
   */
  sql(name: string): Promise<Connection>;
  /**
   * Waits until nothing ails it.
   * @throws Unhealthy that names what is still missing
   */
  waitForHealth(boundMs: number, signal: AbortSignal): Promise<void>;
}

/** A stack that did not become whole in time. */
export class Unhealthy extends Error {
  override name = 'Unhealthy';
  readonly missing: readonly string[];
  constructor(missing: readonly string[], boundMs: number, options: ErrorOptions) {
    super(`The stack is not healthy after ${boundMs} ms: ${missing.join('; ')}.`, options);
    this.missing = missing;
  }
}

/** How to look at a stack, and how long; times in milliseconds. */
export interface Wholeness {
  /** @returns what still ails it, one sentence each; empty: nothing */
  readonly look: () => Promise<readonly string[]>;
  /** What is said of it while looking fails. */
  readonly blind: string;
  readonly boundMs: number;
  readonly everyMs: number;
}

/** Looks until nothing ails a stack. @throws Unhealthy that names what is still missing */
export async function untilWhole({ look, blind, boundMs, everyMs }: Wholeness, signal: AbortSignal): Promise<void> {
  let missing: readonly string[] = [];
  const seen = async (): Promise<true | null> => {
    missing = [blind];
    missing = await look();
    return missing.length === 0 ? true : null;
  };
  try {
    await until({ what: 'Full health', boundMs, everyMs, signal }, seen);
  } catch (error) {
    signal.throwIfAborted();
    throw new Unhealthy(missing, boundMs, { cause: error });
  }
}
