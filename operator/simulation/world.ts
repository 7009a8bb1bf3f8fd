import type { MemberAddress } from '../../common/members.ts';
import type { Checks } from './checks.ts';
import type { Lease } from './lease.ts';
import type { Member } from './member.ts';
import type { Network } from './network.ts';
import type { Random } from './random.ts';
import type { ServerSession } from './server.ts';
import type { Timeline } from './timeline.ts';

/** Everything that a simulated schedule consists of. */
export interface World {
  readonly timeline: Timeline;
  readonly network: Network;
  /** For how long things take. */
  readonly random: Random;
  readonly members: readonly Member[];
  readonly addresses: readonly MemberAddress[];
  readonly checks: Checks;
  /** Told what happens, where somebody wants to read it. */
  readonly history: { readonly note: (who: string, text: string) => void } | undefined;
  /** Told of each statement of an operator but its questions, before it has effect; what it does may end the member or the operator. */
  readonly watchStatement: (member: Member, session: ServerSession, sql: string) => void;
  readonly lease: Lease;
  /** The operator's setting, ms. */
  readonly coldStartMs: number;
  /** The platform's mark. */
  initialised: boolean;
}

/** Hosts on the network: members have their own numbers. */
export const HOST = { operators: 8, clients: 12 } as const;

/** The simulation itself cannot go on: the model lacks something that the operator uses. */
export class ModelError extends Error {
  override name = 'ModelError';
}
