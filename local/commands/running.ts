import { fetchJson } from '../stack/http.ts';
import { pathsIn } from '../stack/layout.ts';
import type { StackStatus } from '../stack/status.ts';
import { Problem } from '../programs/problem.ts';
import { isAlive } from '../supervisor/identity.ts';
import { readRecord, runningRecord } from '../supervisor/record.ts';
import type { SupervisorRecord } from '../supervisor/record.ts';

const TIMEOUT_MS = 5000;

/** Names of what a supervisor that was killed left running on a data folder. */
export const leftoversOn = (dataDir: string): readonly string[] => (readRecord(pathsIn(dataDir).record)?.processes ?? []).filter(isAlive).map(({ name }) => name);

/** What to say when a command needs a running stack and there is none. */
export function notRunning(dataDir: string): string {
  const left = leftoversOn(dataDir);
  if (left.length === 0) return `No stack runs on ${dataDir}: start it with npm start.`;
  return `The supervisor of ${dataDir} was killed; ${left.join(', ')} still run without it: npm start takes over with the same data, npm stop ends them.`;
}

/** A command needs a running stack, and there is none; its message says so. */
export class NotRunningError extends Problem {
  override name = 'NotRunningError';
  constructor(dataDir: string) {
    super(notRunning(dataDir));
  }
}

/**
 * What runs on a data folder.
 * @throws NotRunningError
 */
export function requireRunning(dataDir: string): SupervisorRecord {
  const record = runningRecord(pathsIn(dataDir).record);
  if (record === undefined) throw new NotRunningError(dataDir);
  return record;
}

/**
 * The status of the stack that runs on a data folder.
 * @throws NotRunningError when none does, or Problem when its supervisor does not answer
 */
export async function requireStatus(dataDir: string): Promise<StackStatus> {
  const status = await runningStatus(dataDir);
  if (status === undefined) throw new NotRunningError(dataDir);
  return status;
}

/**
 * The same for callers that go on without one.
 * @returns nothing when none does
 * @throws Problem when its supervisor does not answer
 */
export async function runningStatus(dataDir: string): Promise<StackStatus | undefined> {
  const record = runningRecord(pathsIn(dataDir).record);
  if (record === undefined) return undefined;
  try {
    return (await fetchJson(record.statusPort, '/status', TIMEOUT_MS)) as StackStatus;
  } catch (error) {
    throw new Problem(`The supervisor (pid ${record.supervisor.pid}) does not answer on port ${record.statusPort}: try again, or end it with npm stop.`, { cause: error });
  }
}
