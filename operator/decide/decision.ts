/** Every state of the cluster that the operator knows by name. `docs/failover.md` explains each. */
export type Situation =
  | 'healthy'
  /** The primary serves; some member does not follow it as it should. */
  | 'degraded'
  /** All N answer, all empty, and the platform's mark says that there never was data. */
  | 'first-start'
  /** Empty members where data must be: never started as a new cluster. */
  | 'emptied'
  /** The primary's process is gone. */
  | 'crashed'
  /** The primary says that it shuts down, or keeps clients out by no decision of the operator. */
  | 'stopping'
  /** The primary answers neither the operator nor its replicas. */
  | 'silent'
  /** Commits hang on a primary that answers: cut off from its replicas, or its disk hangs. */
  | 'stalled'
  /** Only the operator cannot reach the primary. */
  | 'unreachable-from-here'
  /** No answer of the primary for a moment: too early to tell. */
  | 'suspected'
  /** No member is a primary: all were down, or the last one came back closed. */
  | 'no-primary'
  /** A failover was begun by somebody and not finished. */
  | 'half-done'
  /** A person asked for another primary. */
  | 'switchover'
  /** Whoever runs the primary is about to stop it, or has taken it away: its role goes first. */
  | 'leaving';

/** What a member needs to be a good replica, or the primary a safe one. */
export interface Repair {
  readonly member: string;
  /** `rejoin`: close if need be, compare, follow or re-seed, open. `enforce`: put the settings right that acknowledgements rest on. */
  readonly action: 'rejoin' | 'enforce';
  readonly reason: string;
}

/** What all decisions have. */
interface Base {
  readonly situation: Situation;
  /** Why, in words a person understands. */
  readonly reason: string;
}

/** The primary's role goes to whom the election finds. */
export interface Failover extends Base {
  readonly kind: 'failover';
  /** The deposed primary's name; undefined when nobody knows one. */
  readonly from: string | undefined;
  /** Close the old primary in order before anything else, since the failover counts on it or spares its clients. */
  readonly drain: boolean;
  /** Members to fence: all that answer, but a living old primary. */
  readonly fence: readonly string[];
  /** Who must be among the fenced, however many others are; nobody when missing. */
  readonly must?: readonly string[];
  /** Of the equally good, this one. */
  readonly prefer: string | undefined;
  /** A person accepts what is lost by promoting this member, whatever the others have. */
  readonly accept?: string;
}

/** What the operator does next. */
export type Decision =
  | (Base & { readonly kind: 'nothing' })
  | (Base & { readonly kind: 'wait' })
  | (Base & { readonly kind: 'refuse'; readonly remedy: string })
  | (Base & { readonly kind: 'first-start'; readonly primary: string })
  | (Base & { readonly kind: 'repair'; readonly repairs: readonly Repair[] })
  | Failover;
