import { setTimeout as sleep } from 'node:timers/promises';
import { signalGroup } from './identity.ts';

/** How a process that was asked to end did so. */
export type Ending = 'by itself' | 'killed';

/** What is to be ended, and how one learns that it has. */
export interface Endable {
  /** Its pid, and its process group. */
  readonly pid: number;
  /** Asks it to end; may fail or hang. */
  readonly ask: (pid: number) => Promise<void>;
  /** Settles when it has ended. */
  readonly gone: Promise<unknown>;
  /** Milliseconds from asking to SIGKILL. */
  readonly limitMs: number;
}

/**
 * Asks a process to end; when it has not after its time, or cannot be asked, its whole group gets SIGKILL.
 * What is left of its group afterwards gets it in any case: workers outlive a killed nginx master and go on answering.
 */
export async function end({ pid, ask, gone, limitMs }: Endable): Promise<Ending> {
  const timer = new AbortController();
  const late = sleep(limitMs, 'late', { signal: timer.signal }).catch(() => 'late');
  const refused = ask(pid).then(() => new Promise<never>(() => {}), () => 'late');
  const first = await Promise.race([gone.then(() => 'gone'), late, refused]);
  timer.abort();
  signalGroup(pid, 'SIGKILL');
  if (first === 'gone') return 'by itself';
  await gone;
  return 'killed';
}
