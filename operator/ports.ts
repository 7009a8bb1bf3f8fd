import type { MemberAddress } from '../common/members.ts';

/** What the operator needs of where it runs; `local/` and `kubernetes/` implement it. */
export interface Platform {
  /** All N members that the cluster has when whole, in their stable order. */
  readonly members: readonly MemberAddress[];
  /** Whether the cluster has ever had data. Cheap: asked at each decision. */
  readonly initialised: () => boolean;
  /**
   * Notes durably that the cluster has data from now on. Idempotent.
   * @throws Error when it cannot be noted; the first start must not go on then
   */
  readonly markInitialised: () => Promise<void>;
  /**
   * Whether this operator holds the lease with which it may end another operator's sessions to take their locks, as read
   * after the lease was last changed. On one machine there is no lease: never.
   */
  readonly mayTakeLocks: () => Promise<boolean>;
  /** Whether another operator, with the lease, should get free locks first. They may be taken all the same when it does not. */
  readonly yields: () => boolean;
  /** What is known of a member beyond what its server says. Cheap: asked at each decision. */
  readonly notice: (member: string) => MemberNotice;
}

/** What a platform knows of a member's process. */
export interface MemberNotice {
  /** It is about to be stopped by no decision of the operator's, or was taken away a moment ago. */
  readonly leaving: boolean;
  /** A rollout under way will replace it. */
  readonly outdated: boolean;
}

/** A platform that hears of nothing. */
export const NO_NOTICE: MemberNotice = { leaving: false, outdated: false };

/** Time, given so that tests and simulation can hold it. */
export interface Clock {
  /** Monotonic, ms. */
  readonly now: () => number;
  /**
   * Waits.
   * @param signal ends the wait early, and rejects with its reason
   */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /**
   * Calls back once after a time; alone it keeps no process alive.
   * @returns what takes the call back
   */
  readonly after: (ms: number, call: () => void) => () => void;
}

/** Something that happened, for status, log and metrics. */
export interface OperatorEvent {
  /** ISO 8601. */
  readonly at: string;
  readonly member?: string;
  readonly text: string;
  readonly durationMs?: number;
}

/** Counts what the operator does, for `/metrics`. */
export interface Tally {
  readonly failover: (situation: string) => void;
  readonly switchover: () => void;
  readonly refusal: (situation: string) => void;
  readonly reseed: (member: string) => void;
  /** Errant transactions that stay readable in the kept binlogs of a member that was re-seeded. */
  readonly errantSaved: (member: string, transactions: number) => void;
  /** From the last answer of the old primary to the opening of the new one, ms. */
  readonly writeGap: (ms: number) => void;
}
