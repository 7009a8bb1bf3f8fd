/**
 * A circuit breaker without I/O. Redis that answers late or not at all for a moment only costs those who asked then; when
 * it goes on, nothing is sent but probes, until several in a row are answered in time: more of them when it opened lately.
 */
export type Breaker = ClosedBreaker | OpenBreaker;

export interface ClosedBreaker {
  readonly state: 'closed';
  /** When it closed, monotonic milliseconds. */
  readonly since: number;
  /** The first failure since the last success. */
  readonly failingSince: number | undefined;
  /** Good probes that it took to close. */
  readonly needed: number;
}

export interface OpenBreaker {
  readonly state: 'open';
  /** When it opened, monotonic milliseconds. */
  readonly since: number;
  /** Good probes in a row. */
  readonly successes: number;
  /** Good probes that it takes to close. */
  readonly needed: number;
}

/** Failures without a success between them for so many milliseconds open it: a busy machine is late once in a while. */
export const FAILING_MS = 40;
/** Good probes to close after a first opening. */
export const FIRST_PROBES = 3;
/** At most so many, however often it opens: at one probe in 50 ms, half a second. */
export const MOST_PROBES = 10;
/** Closed for so many milliseconds, it starts again with {@link FIRST_PROBES}. */
export const CALM_MS = 30_000;

/** Open until probes show that Redis answers. */
export const newBreaker = (now: number): Breaker => ({ state: 'open', since: now, successes: 0, needed: FIRST_PROBES });

/** A command or probe failed or came too late. */
export function onFailure(breaker: Breaker, now: number): Breaker {
  if (breaker.state === 'open') return { ...breaker, successes: 0 };
  const failingSince = breaker.failingSince ?? now;
  return now - failingSince < FAILING_MS ? { ...breaker, failingSince } : opened(breaker, now);
}

/** A command was answered in time; while open only {@link onProbe} counts. */
export const onSuccess = (breaker: Breaker): Breaker => (breaker.state === 'open' || breaker.failingSince === undefined ? breaker : { ...breaker, failingSince: undefined });

/** A probe was answered in time. */
export function onProbe(breaker: Breaker, now: number): Breaker {
  if (breaker.state === 'closed') return onSuccess(breaker);
  const successes = breaker.successes + 1;
  return successes < breaker.needed ? { ...breaker, successes } : { state: 'closed', since: now, failingSince: undefined, needed: breaker.needed };
}

/** The connection is another: nothing is known of it, but how often the breaker opened. */
export const onReconnect = (breaker: Breaker, now: number): Breaker => (breaker.state === 'open' ? { ...breaker, successes: 0 } : opened(breaker, now));

function opened({ since, needed }: ClosedBreaker, now: number): OpenBreaker {
  const isCalm = now - since >= CALM_MS;
  return { state: 'open', since: now, successes: 0, needed: isCalm ? FIRST_PROBES : Math.min(MOST_PROBES, needed * 2) };
}
