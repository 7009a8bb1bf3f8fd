import type { Operator } from './operator.ts';
import type { OperatorEvent, Platform } from './ports.ts';

/** Where an operator runs, with all that it brings. */
export interface Host {
  readonly platform: Platform;
  readonly passwords: { readonly operator: string; readonly replication: string };
  /** Tells people of an event, where the platform has a place for that. Never throws. */
  readonly report: (event: OperatorEvent) => void;
  /** The operator runs from now on. */
  readonly attend: (operator: Operator) => void;
  /** The operator has stopped, and has given its locks back. */
  readonly close: () => Promise<void>;
}
