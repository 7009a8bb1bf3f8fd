import { setTimeout as sleep } from 'node:timers/promises';
import { end } from './ending.ts';
import { groupMembers, isAlive, signalGroup, signalProcess } from './identity.ts';
import type { RecordedProcess } from './record.ts';
import { STOP_ORDER } from './spec.ts';
import type { ProcessSpec } from './spec.ts';

const LOOK_EVERY_MS = 50;
const DEFAULT_LIMIT_MS = 10_000;

/** How one kind of process is stopped; as in its {@link ProcessSpec}. */
export type HowToStop = Partial<Pick<ProcessSpec, 'askToStop' | 'stopLimitMs'>>;

async function gone(process: RecordedProcess): Promise<void> {
  while (isAlive(process)) await sleep(LOOK_EVERY_MS);
}

async function endOne(process: RecordedProcess, how: HowToStop): Promise<void> {
  if (isAlive(process)) {
    const ask = how.askToStop ?? (async (pid: number): Promise<void> => signalProcess(pid, 'SIGTERM'));
    await end({ pid: process.pid, ask, gone: gone(process), limitMs: how.stopLimitMs ?? DEFAULT_LIMIT_MS });
    return;
  }
  // Its group may live on without it. As long as it does no other process can get its pid, so a living leader with
  // this pid is somebody else's; and so is a group that runs another program.
  const members = groupMembers(process.pid);
  if (members.some(({ pid }) => pid === process.pid) || !members.some(({ program }) => program === process.program)) return;
  signalGroup(process.pid, 'SIGKILL');
}

/**
 * Ends what a supervisor that was killed left running, in the order of a proper stop, and nothing else: a pid that
 * another process has by now is left alone.
 * @param processes as recorded
 * @param how to stop a process of this name
 * @param onEnd told before each is ended
 */
export async function endLeftovers(processes: readonly RecordedProcess[], how: (name: string) => HowToStop, onEnd: (process: RecordedProcess) => void): Promise<void> {
  for (const kind of STOP_ORDER) {
    const ofKind = processes.filter((process) => process.kind === kind);
    await Promise.all(
      ofKind.map(async (process) => {
        if (isAlive(process)) onEnd(process);
        await endOne(process, how(process.name));
      }),
    );
  }
}
