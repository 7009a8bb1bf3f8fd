import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { groupMembers, isAlive, signalGroup } from '../../local/supervisor/identity.ts';
import { until } from '../stack/wait.ts';
import type { Damage } from '../verdict/judge.ts';
import { clientPortsOf } from './connections.ts';
import type { Fault, Stage } from './fault.ts';
import type { Choose, Proof, Victim } from './victim.ts';

/** mysqld takes some seconds to end in order. */
const GONE_BOUND_MS = 30_000;

/** Waits until neither the victim nor anything else of its process group is left. */
export async function gone(victim: Victim, signal: AbortSignal): Promise<void> {
  await until({ what: `The end of ${victim.name} (pid ${victim.pid})`, boundMs: GONE_BOUND_MS, everyMs: 5, signal }, () => (isAlive(victim) ? null : true));
}

async function proven(stage: Stage, victim: Victim, proofs: readonly Proof[]): Promise<readonly string[]> {
  const sentences: string[] = [];
  for (const proof of proofs) sentences.push(await proof(stage, victim));
  return sentences;
}

/**
 * Ends a process and everything of its group.
 * @param signal SIGKILL, or SIGTERM straight to it, past its supervisor
 * @param proofs what must be seen afterwards
 */
export const end = (choose: Choose, signal: 'SIGKILL' | 'SIGTERM', proofs: readonly Proof[]): Fault => async (stage): Promise<Damage> => {
  const victim = await choose(stage);
  const heldPorts = clientPortsOf(victim.pid);
  const atMs = stage.now();
  signalGroup(victim.pid, signal);
  await gone(victim, stage.signal);
  const seen = [`${victim.name} (pid ${victim.pid}) got ${signal} at ${Math.round(atMs)} ms and was gone after ${Math.round(stage.now() - atMs)} ms.`];
  return { evidence: [...seen, ...(await proven(stage, victim, proofs))], firstMs: atMs, lastMs: atMs, heldPorts };
};

/** How long a process is frozen, and what must be seen meanwhile. */
export interface Freeze {
  /** At least so long, in milliseconds. */
  readonly forMs: number;
  readonly meanwhile: readonly Proof[];
}

/** Stops a process and everything of its group, and lets it go on afterwards, if nobody has ended it by then. */
export const freeze = (choose: Choose, { forMs, meanwhile }: Freeze): Fault => async (stage): Promise<Damage> => {
  const victim = await choose(stage);
  const heldPorts = clientPortsOf(victim.pid);
  const atMs = stage.now();
  signalGroup(victim.pid, 'SIGSTOP');
  try {
    await frozen(victim, stage.signal);
    const seen = await proven(stage, victim, meanwhile);
    await sleep(Math.max(0, atMs + forMs - stage.now()), undefined, { signal: stage.signal });
    const thawed = isAlive(victim);
    signalGroup(victim.pid, 'SIGCONT');
    const lastMs = thawed ? stage.now() : atMs;
    const end = thawed ? `It went on after ${Math.round(lastMs - atMs)} ms.` : 'It was ended before it could go on.';
    return { evidence: [`${victim.name} (pid ${victim.pid}) was stopped at ${Math.round(atMs)} ms.`, ...seen, end], firstMs: atMs, lastMs, heldPorts };
  } finally {
    signalGroup(victim.pid, 'SIGCONT');
  }
};

/** Waits until the kernel says that the whole group is stopped. */
async function frozen(victim: Victim, signal: AbortSignal): Promise<void> {
  await until({ what: `The stop of ${victim.name} (pid ${victim.pid})`, boundMs: GONE_BOUND_MS, everyMs: 5, signal }, () =>
    groupMembers(victim.pid).every((one) => isStopped(one.pid)) ? true : null);
}

/** Whether a process is stopped by a signal, or gone. */
function isStopped(pid: number): boolean {
  if (process.platform !== 'linux') return /^($|[TZ])/.test((spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).stdout ?? '').trim());
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).startsWith('T');
  } catch {
    return true;
  }
}
