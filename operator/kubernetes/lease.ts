/** Times of the lease, ms. */
export const LEASE_MS = {
  /** Another may take it when it has not changed for so long, as the other saw it. */
  duration: 3000,
  /** Between renewals. */
  renew: 500,
  /** Without a renewal for so long the holder holds it no more, a second before anybody else can. */
  giveUp: 2000,
  /** Between looks at another's lease. */
  look: 250,
  /** A lease that was given back, or never was, is left so long to whoever acts already; one that ran out was its. */
  grace: 300,
  /** A holder that cannot act gives it back after so long… */
  idle: 5000,
  /** …and leaves it to others for so long. */
  rest: 1500,
} as const;

/** The lease as the API server showed it. */
export interface LeaseRecord {
  /** '' when nobody holds it. */
  readonly holder: string;
  /** Its resourceVersion: changes with every renewal. */
  readonly version: string;
}

/** All that is known of the lease. Times are monotonic and this operator's own: nobody's clock is compared with another's. */
export interface LeaseState {
  readonly me: string;
  /** undefined when there is no Lease object. */
  readonly record: LeaseRecord | undefined;
  /** When a change of it was last seen. */
  readonly changedAt: number;
  /** When it was last looked at with success. */
  readonly seenAt: number;
  /** When the last renewal of our own that succeeded was sent; undefined when it is not ours. */
  readonly renewedAt: number | undefined;
  /** Whether this operator has acted since it took it. */
  readonly acted: boolean;
  /** Since when this operator could not act; undefined while it can. */
  readonly idleSince: number | undefined;
  /** It is not taken before this time, but by who acts. */
  readonly restUntil: number;
}

/** Before the first look. */
export const unseen = (me: string, now: number): LeaseState =>
  ({ me, record: undefined, changedAt: now, seenAt: -Infinity, renewedAt: undefined, acted: false, idleSince: now, restUntil: -Infinity });

/** After a look at it. */
export function seen(state: LeaseState, record: LeaseRecord | undefined, now: number): LeaseState {
  const changed = record?.version !== state.record?.version;
  const renewedAt = record?.holder === state.me ? state.renewedAt : undefined;
  return { ...state, record, seenAt: now, changedAt: changed ? now : state.changedAt, renewedAt, acted: renewedAt !== undefined && state.acted };
}

/** After a renewal or a taking of our own. @param sentAt when it was sent: it counts from then */
export function renewed(state: LeaseState, record: LeaseRecord, sentAt: number): LeaseState {
  const goesOn = state.renewedAt !== undefined;
  return { ...state, record, seenAt: sentAt, changedAt: sentAt, renewedAt: sentAt, acted: goesOn && state.acted, idleSince: goesOn ? state.idleSince : sentAt };
}

/** After a look at whether this operator acts. */
export function acting(state: LeaseState, acts: 'acts' | 'stands by', now: number): LeaseState {
  if (acts === 'acts') return { ...state, acted: true, idleSince: undefined };
  return { ...state, idleSince: state.idleSince ?? now };
}

/** After giving it back. */
export const givenBack = (state: LeaseState, record: LeaseRecord | undefined, now: number): LeaseState =>
  ({ ...seen(state, record, now), renewedAt: undefined, acted: false, restUntil: now + LEASE_MS.rest });

/** Whether this operator holds it. Needs no timer: who slept finds that it has run out. */
export const holds = ({ me, record, renewedAt }: LeaseState, now: number): boolean => record?.holder === me && renewedAt !== undefined && now - renewedAt < LEASE_MS.giveUp;

/** Whether another holds it, as far as one can know. */
export const heldByAnother = (state: LeaseState, now: number): boolean =>
  state.record !== undefined && state.record.holder !== '' && state.record.holder !== state.me && now - state.changedAt < LEASE_MS.duration;

/** From when on it may be taken. */
function freeFrom({ me, record, changedAt }: LeaseState): number {
  if (record === undefined || record.holder === '' || record.holder === me) return changedAt + LEASE_MS.grace;
  return changedAt + LEASE_MS.duration;
}

/** What to do about the lease now. */
export type LeaseStep = 'look' | 'take' | 'renew' | 'give back' | 'wait';

/**
 * The next step. Whoever acts takes a free lease before others do, so that lease and locks come together; who holds it
 * and cannot act gives it back, since another may reach the members.
 */
export function nextStep(state: LeaseState, now: number): LeaseStep {
  const { me, record, renewedAt, seenAt, idleSince, restUntil } = state;
  if (holds(state, now)) {
    if (idleSince !== undefined && now - idleSince >= LEASE_MS.idle) return 'give back';
    return now - (renewedAt ?? now) >= LEASE_MS.renew ? 'renew' : 'wait';
  }
  if (now - seenAt >= LEASE_MS.look) return 'look';
  if (heldByAnother(state, now)) return 'wait';
  const first = idleSince === undefined || (record?.holder === me && renewedAt !== undefined);
  return first || now >= Math.max(freeFrom(state), restUntil) ? 'take' : 'wait';
}

/**
 * Whether this operator may end the sessions of whoever has the members' locks: it holds the lease and has not acted since
 * it took it. Who has acted under it and lost the locks since lost them to one that could do what it could not.
 */
export const mayWrest = (state: LeaseState, now: number): boolean => holds(state, now) && !state.acted;
