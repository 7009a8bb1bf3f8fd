import { answers } from './probe.ts';
import { expectedFrom, heard, look, silentFor, STALL_MS } from './silence.ts';
import type { Silence } from './silence.ts';
import type { Patience, Probe } from './spec.ts';
import { isBusy, NO_WORK, WORK_SPAN_MS, worked } from './work.ts';

const LOOK_EVERY_MS = 100;
const PROBE_EVERY_MS = 250;
/** While it starts, a question takes so long at most. */
const PROBE_TIMEOUT_MS = 700;
/** Several probes fit into the time after which a silent process is ended: one lost answer ends nobody. */
const SILENT_AFTER_MS = PROBE_EVERY_MS + PROBE_TIMEOUT_MS;
/** Who may not be silent must have answered once by then; long, since a machine that starts everything is slow. */
const START_LIMIT_MS = 60_000;

/** What the probes of one run say. */
export type Health = 'ok' | 'silent' | 'unknown';

/** Called by {@link watch}; never after its signal. */
export interface Watcher {
  readonly onReady: () => void;
  readonly onHealth: (health: Health) => void;
  /** It was silent for as long as it may be, in milliseconds; nothing more is told. */
  readonly onSilent: (ms: number) => void;
}

/** What to ask. */
export interface Watched {
  readonly ready: Probe;
  readonly alive?: Probe & Patience;
  /** Processor time that it has used, in milliseconds. Asked only while it is silent. */
  readonly workedMs: () => number;
}

/**
 * Watches one run of a process: asks until it is ready, then, where the spec says so, until it is silent for too long.
 * @param signal ends the watch, as when the process has ended
 */
export async function watch({ ready, alive, workedMs }: Watched, watcher: Watcher, signal: AbortSignal): Promise<void> {
  const startedAt = performance.now();
  while (!signal.aborted && !(await answers(ready, PROBE_TIMEOUT_MS))) {
    await pause(LOOK_EVERY_MS, signal);
    const ms = performance.now() - startedAt;
    if (alive !== undefined && ms > START_LIMIT_MS && !signal.aborted) return watcher.onSilent(ms);
  }
  if (signal.aborted) return;
  watcher.onReady();
  if (alive !== undefined) await watchSilence({ ...alive, workedMs }, watcher, signal);
}

async function watchSilence(alive: Probe & Patience & Pick<Watched, 'workedMs'>, watcher: Watcher, signal: AbortSignal): Promise<void> {
  let silence: Silence = expectedFrom(performance.now());
  let work = NO_WORK;
  const over = new AbortController();
  const listening = listen(alive, AbortSignal.any([signal, over.signal]), () => {
    silence = heard(silence, performance.now());
  });
  while (!signal.aborted && silentFor(silence) < (isBusy(work) ? alive.busyMs : alive.silentMs)) {
    await pause(LOOK_EVERY_MS, signal);
    silence = look(silence, performance.now());
    work = silentFor(silence) < alive.silentMs - WORK_SPAN_MS - STALL_MS ? NO_WORK : worked(work, performance.now(), alive.workedMs());
    if (!signal.aborted) watcher.onHealth(silentFor(silence) > SILENT_AFTER_MS ? 'silent' : 'ok');
  }
  if (!signal.aborted) watcher.onSilent(silentFor(silence));
  over.abort();
  await listening;
}

/** Asks again and again, and does not wait for one answer before it asks for the next: each says that the process works, however late it comes. */
async function listen(probe: Probe & Patience, signal: AbortSignal, onAnswer: () => void): Promise<void> {
  const open = new Set<Promise<void>>();
  while (!signal.aborted) {
    const asked = answers(probe, probe.busyMs, signal).then((answered) => {
      open.delete(asked);
      if (answered) onAnswer();
    });
    open.add(asked);
    await pause(PROBE_EVERY_MS, signal);
  }
  await Promise.all(open);
}

/** Waits; ends early, without failing, when the signal says so. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const finish = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    signal.addEventListener('abort', finish);
  });
}
