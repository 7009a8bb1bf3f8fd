/** What the drills read of the stack: answers of the supervisor's and the operator's status ports. */

export type ProcessKind = 'mysql' | 'redis' | 'sentinel' | 'web' | 'nginx' | 'operator';

/** One process of the stack. It leads a process group of its own. */
export interface ProcessStatus {
  readonly name: string;
  readonly kind: ProcessKind;
  /** Null or absent while it does not run. */
  readonly pid?: number | null;
  readonly port: number;
  readonly state: 'starting' | 'running' | 'stopped' | 'backing-off';
  readonly restarts: number;
  readonly health: 'ok' | 'silent' | 'unknown';
}

/** A member as the operator sees it. */
export interface MemberStatus {
  readonly name: string;
  readonly role: string;
  readonly epoch?: number | null;
  /** GTID set that it lacks of the primary's; empty: nothing. */
  readonly missing?: string | null;
  /** GTID set that the primary's history never had; empty: nothing. */
  readonly errant?: string | null;
  readonly lagSeconds?: number | null;
}

/** A line of the operator's diary. */
export interface OperatorEvent {
  /** ISO 8601. */
  readonly at: string;
  readonly member?: string;
  readonly text: string;
  readonly durationMs?: number;
}

/** The operator's own status. */
export interface OperatorStatus {
  readonly acting: boolean;
  readonly paused: boolean;
  readonly epoch: number | null;
  /** Name of the primary; null while there is none. */
  readonly primary: string | null;
  readonly members: readonly MemberStatus[];
  readonly events: readonly OperatorEvent[];
}

/** The whole stack as its supervisor sees it. */
export interface StackStatus {
  /** Where the edge listens. */
  readonly url: string;
  readonly dataDir: string;
  readonly basePort: number;
  readonly pid: number;
  /** Seconds from its start until it took the first write; null until then. */
  readonly readySeconds: number | null;
  readonly processes: readonly ProcessStatus[];
  /** Null while the operator does not answer. */
  readonly operator: OperatorStatus | null;
}

const STATUS_TIMEOUT_MS = 2000;

/**
 * Asks a supervisor for its status.
 * @param port its status port
 * @throws Error when it does not answer within two seconds
 */
export async function readStatus(port: number, signal: AbortSignal): Promise<StackStatus> {
  const url = `http://127.0.0.1:${port}/status`;
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(STATUS_TIMEOUT_MS)]) });
    return (await response.json()) as StackStatus;
  } catch (error) {
    throw new Error(`Reading the stack's status from ${url} failed: is it running?`, { cause: error });
  }
}

/** The running process of a name; undefined while it does not run. */
export function processNamed(status: StackStatus, name: string): (ProcessStatus & { readonly pid: number }) | undefined {
  const found = status.processes.find((one) => one.name === name);
  return found?.pid === undefined || found.pid === null ? undefined : { ...found, pid: found.pid };
}
