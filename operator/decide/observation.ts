import { EMPTY_GTID_SET, union } from '../../common/gtid.ts';
import type { GtidSet } from '../../common/gtid.ts';
import type { Endpoint } from '../../common/members.ts';

/** The row of `holdfast.epoch`: who was promoted last, as far as this member's history knows. */
export interface EpochRow {
  readonly epoch: number;
  /** Name of the member that was promoted. */
  readonly member: string;
  readonly serverUuid: string;
}

/**
 * What a member's never-started epoch channel says: it has promised this number, so that nobody is promoted under it or
 * a lower one any more. Survives kill -9.
 */
export interface EpochPromise {
  readonly epoch: number;
  /**
   * Whether this very data folder gave it (the server_uuid in it is the member's own). A member that was wiped, cloned or
   * that never held the primary's set has none of its own, and does not count.
   */
  readonly own: boolean;
}

/** The receiver of the main channel: what fetches the primary's transactions. */
export interface Receiver {
  readonly state: 'on' | 'connecting' | 'off';
  readonly host: string;
  readonly port: number;
  /** It asks for what it lacks by GTID. */
  readonly autoPosition: boolean;
  /** server_uuid of what it is or was connected to; '' when never. */
  readonly sourceUuid: string;
  readonly error: string;
  readonly errorNumber: number;
  /** Since the last heartbeat or transaction, on the member's own clock, ms; undefined when it never heard. */
  readonly heardMs: number | undefined;
}

/** The applier of the main channel. */
export interface Applier {
  readonly running: boolean;
  /** '' when there is none. */
  readonly error: string;
}

/** What one status statement on a member's admin port said. */
export interface MemberStatus {
  readonly serverUuid: string;
  readonly executed: GtidSet;
  /** Received by the main channel, applied or not. */
  readonly received: GtidSet;
  /** No longer in its binlogs: whoever lacks one of these cannot follow it. */
  readonly purged: GtidSet;
  readonly readOnly: boolean;
  readonly superReadOnly: boolean;
  /** offline_mode: clients are kept out. */
  readonly offline: boolean;
  /** Commits here wait for acknowledgements. */
  readonly source: boolean;
  /** The operator has let it write or apply since mysqld started; until then all that it has is in binlogs that are kept. */
  readonly touched: boolean;
  /** Sessions in the middle of a commit: they wait for an acknowledgement or for the disk. */
  readonly waiting: number;
  readonly receiver: Receiver;
  readonly applier: Applier;
  readonly row: EpochRow | undefined;
  readonly promise: EpochPromise | undefined;
  /** A CLONE may replace its data at any moment, or was to: no copy of anything. */
  readonly isGivenUp: boolean;
  /** Settings without which an acknowledgement of this member proves nothing; each a sentence with the remedy. */
  readonly unsafe: readonly string[];
}

/** What is known of a member's mysqld as a process that answers. */
export type Contact =
  | { readonly kind: 'answers' }
  /** Its connection was lost, and new ones are refused: nothing listens there. */
  | { readonly kind: 'refused' }
  /** It said that it is shutting down. */
  | { readonly kind: 'stopping' }
  /** No answer, and nothing that says why. */
  | { readonly kind: 'silent'; readonly forMs: number }
  /** It answers, but not to us: a wrong password, too many connections. No evidence against it. */
  | { readonly kind: 'unusable'; readonly problem: string };

/** One member as the operator sees it now. */
export interface MemberObservation {
  readonly name: string;
  /** Where replicas reach it. */
  readonly address: Endpoint;
  readonly contact: Contact;
  /** The last status that it gave, however old; undefined when it never answered. */
  readonly status: MemberStatus | undefined;
  /**
   * For how long sessions have waited in their commits while no transaction was finished; of a silent primary, for how long
   * it has let clients in and told them nothing while nothing reached its replicas; ms, 0 when all is well.
   */
  readonly stalledMs: number;
  /** For how long it has shown transactions that the primary, asked later, did not; ms. */
  readonly strangeMs: number;
  /** What the operator is doing there; undefined when nothing. */
  readonly work: string | undefined;
}

/** Everything a decision rests on, at one moment. */
export interface ClusterObservation {
  /** All N members that the cluster has when whole, in their stable order. */
  readonly members: readonly MemberObservation[];
  /** Members whose process is about to be stopped by somebody else, or was taken away a moment ago. */
  readonly leaving: readonly string[];
  /** Members that a rollout will still replace. */
  readonly outdated: readonly string[];
  /** The platform's mark: this cluster has had data. */
  readonly initialised: boolean;
  /** For how long there has been no primary, ms; 0 when there is one. */
  readonly noPrimaryMs: number;
  /** How long a failover may wait for members that know more than those that restarted, ms; a setting. */
  readonly coldStartMs: number;
  /** A person asked for another primary; `to` is whom, if that matters. */
  readonly switchover: { readonly to: string | undefined } | undefined;
}

/** A member that answered with its status. */
export interface AnsweringMember extends MemberObservation {
  readonly status: MemberStatus;
}

/** The members whose status is of now. */
export const answering = (members: readonly MemberObservation[]): readonly AnsweringMember[] =>
  members.filter((member): member is AnsweringMember => member.contact.kind === 'answers' && member.status !== undefined);

/** Everything that a member has applied or received; nothing where it has never answered. */
export const everything = ({ status }: Pick<MemberObservation, 'status'>): GtidSet => (status === undefined ? EMPTY_GTID_SET : union(status.executed, status.received));
