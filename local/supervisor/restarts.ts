/** Pauses in milliseconds before the first, second, … start after an end; the last one stays. */
export const PAUSES_MS: readonly number[] = [0, 500, 1000, 2000, 4000, 8000, 15_000];

/** A process that was up for so many milliseconds is healthy: its next end is a first one again. */
export const HEALTHY_MS = 10_000;

/** Where a process is in its life; times are milliseconds of the same clock. */
export type Phase =
  | { readonly state: 'stopped' }
  | { readonly state: 'starting'; readonly since: number }
  | { readonly state: 'running'; readonly since: number }
  | { readonly state: 'backing-off'; readonly until: number };

/** The life of one process over all its restarts. */
export interface Life {
  readonly phase: Phase;
  /** Starts after an end, ever. */
  readonly restarts: number;
  /** Ends since it was last up for {@link HEALTHY_MS}. */
  readonly failures: number;
}

/** What happens to a process. */
export type Happening =
  /** It is to be started now: for the first time, or because its pause is over. */
  | { readonly kind: 'start' }
  /** It answered its readiness probe. */
  | { readonly kind: 'ready' }
  /** It ended, or could not be started. `asked`: by an exit code that asks for a restart. */
  | { readonly kind: 'ended'; readonly asked: 'restart' | 'nothing' }
  /** It is to stay down. */
  | { readonly kind: 'stop' };

/** A process that was never started. */
export const UNBORN: Life = { phase: { state: 'stopped' }, restarts: 0, failures: 0 };

/**
 * The life of a process after something happened to it. Once stopped it stays so, whatever comes late, until a start.
 * @param now milliseconds
 */
export function after(life: Life, happening: Happening, now: number): Life {
  const { phase } = life;
  switch (happening.kind) {
    case 'start':
      return { ...life, phase: { state: 'starting', since: now } };
    case 'stop':
      return { ...life, phase: { state: 'stopped' } };
    case 'ready':
      return phase.state === 'starting' ? { ...life, phase: { state: 'running', since: now } } : life;
    case 'ended':
      return phase.state === 'stopped' || phase.state === 'backing-off' ? life : ended(life, happening.asked, now);
    default:
      return happening satisfies never;
  }
}

function ended(life: Life, asked: 'restart' | 'nothing', now: number): Life {
  const { phase } = life;
  const failures = phase.state === 'running' && now - phase.since >= HEALTHY_MS ? 0 : life.failures;
  const restarts = life.restarts + 1;
  if (asked === 'restart') return { phase: { state: 'backing-off', until: now }, restarts, failures };
  const pause = PAUSES_MS[Math.min(failures, PAUSES_MS.length - 1)] ?? 0;
  return { phase: { state: 'backing-off', until: now + pause }, restarts, failures: failures + 1 };
}
