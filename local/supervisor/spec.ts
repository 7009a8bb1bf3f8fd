/** What a process is, for the order of stopping and for people who read the status. */
export type ProcessKind = 'mysql' | 'redis' | 'sentinel' | 'web' | 'nginx' | 'operator';

/** A TCP port of this machine, or an HTTP path on one. */
export interface Probe {
  readonly port: number;
  /** Absent: a connection is enough. Present: any HTTP answer to GET is. */
  readonly path?: string;
}

/** How long a process may be silent, in milliseconds. */
export interface Patience {
  /** While it does nothing: it is frozen. */
  readonly silentMs: number;
  /** While it uses the processor: it may have more to do than it can, and would have all of it again after its end. */
  readonly busyMs: number;
}

/** How to start a process this time. */
export interface Launch {
  /** Program and arguments. */
  readonly argv: readonly string[];
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** What its preparation did that a person may want to know, one event each. */
  readonly notes?: readonly string[];
}

/** Everything the supervisor knows of one process. It knows nothing of roles. */
export interface ProcessSpec {
  readonly name: string;
  readonly kind: ProcessKind;
  readonly cwd: string;
  /** The port that people are told. */
  readonly port: number;
  /** What it writes goes there, in append mode. */
  readonly logFile: string;
  /** Prepares each start, also a restart; what it throws counts as a start that failed. */
  readonly launch: (signal: AbortSignal) => Launch | Promise<Launch>;
  /**
   * Asks the process to end; default SIGTERM. Settles when it was asked, or throws when it could not be; the
   * supervisor waits for the end itself.
   */
  readonly askToStop?: (pid: number) => Promise<void>;
  /** Milliseconds from asking until the whole process group gets SIGKILL. */
  readonly stopLimitMs: number;
  /** Answers once the process is up: turns `starting` into `running`. */
  readonly ready: Probe;
  /** Once it was ready: silent for so long, and the whole group gets SIGKILL. Absent: never ended for silence. */
  readonly alive?: Probe & Patience;
  /** Exit codes by which it asks to be started again: no failure, no pause. */
  readonly restartCodes?: readonly number[];
}

/** Names of {@link ProcessKind} in the order of stopping: who asks stops before who answers. */
export const STOP_ORDER: readonly ProcessKind[] = ['nginx', 'web', 'operator', 'mysql', 'sentinel', 'redis'];
