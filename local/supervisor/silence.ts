/** Two looks at the clock further apart than this mean that the observer itself slept: nobody is blamed for that. */
export const STALL_MS = 500;

/** How long a process has not answered, seen by an observer who may have slept himself. Times in milliseconds. */
export interface Silence {
  /** The last answer, or when the observer woke up. */
  readonly heardAt: number;
  /** The observer's last look. */
  readonly lookedAt: number;
}

/** From now on a process is expected to answer. */
export const expectedFrom = (now: number): Silence => ({ heardAt: now, lookedAt: now });

/** It answered. */
export const heard = (silence: Silence, now: number): Silence => ({ ...silence, heardAt: Math.max(silence.heardAt, now) });

/** The observer looks, every {@link STALL_MS}/2 or more often; a look that comes late begins anew. */
export function look(silence: Silence, now: number): Silence {
  return now - silence.lookedAt > STALL_MS ? expectedFrom(now) : { ...silence, lookedAt: now };
}

/** Milliseconds without an answer, as of the last look. */
export const silentFor = (silence: Silence): number => Math.max(0, silence.lookedAt - silence.heardAt);
