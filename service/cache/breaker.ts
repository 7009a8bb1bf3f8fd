/**
 * A circuit breaker without I/O: after one command that Redis did not answer in time, none is sent but probes; it closes
 * after several good probes in a row, and after more of them each time it opens again soon.
 */
export interface Breaker {
  readonly state: 'closed' | 'open';
  /** When it last changed its state, monotonic milliseconds. */
  readonly since: number;
  /** Good probes in a row while open. */
  readonly successes: number;
  /** Good probes that it takes to close. */
  readonly needed: number;
}

/** Good probes to close after a first failure. */
export const FIRST_PROBES = 3;
/** At most so many, however often it opens: at one probe in 50 ms, a second, after which a read may pay 20 ms again. */
export const MOST_PROBES = 20;
/** Closed for so many milliseconds, it starts again with {@link FIRST_PROBES}. */
export const CALM_MS = 30_000;

/** Open until probes show that Redis answers. */
export const newBreaker = (now: number): Breaker => ({ state: 'open', since: now, successes: 0, needed: FIRST_PROBES });

/** A command or probe failed or came too late. */
export function onFailure(breaker: Breaker, now: number): Breaker {
  if (breaker.state === 'open') return { ...breaker, successes: 0 };
  const calm = now - breaker.since >= CALM_MS;
  return { state: 'open', since: now, successes: 0, needed: calm ? FIRST_PROBES : Math.min(MOST_PROBES, breaker.needed * 2) };
}

/** A probe was answered in time. */
export function onProbe(breaker: Breaker, now: number): Breaker {
  if (breaker.state === 'closed') return breaker;
  const successes = breaker.successes + 1;
  return successes < breaker.needed ? { ...breaker, successes } : { ...breaker, state: 'closed', since: now, successes };
}
