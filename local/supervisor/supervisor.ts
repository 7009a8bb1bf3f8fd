import { identify, programOf } from './identity.ts';
import type { Identity } from './identity.ts';
import { appendLine, rotateLog } from './log-file.ts';
import { removeRecord, writeRecord } from './record.ts';
import type { RecordedProcess } from './record.ts';
import { STOP_ORDER } from './spec.ts';
import type { ProcessKind, ProcessSpec } from './spec.ts';
import { Supervised } from './supervised.ts';

const ROTATE_EVERY_MS = 5000;
const EVENTS_KEPT = 100;

/** Something that happened to a process. */
export interface SupervisorEvent {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly name: string;
  readonly text: string;
}

/** One process as the status tells it. */
export interface ProcessStatus {
  readonly name: string;
  readonly kind: ProcessKind;
  readonly pid: number | null;
  readonly port: number;
  readonly state: 'starting' | 'running' | 'stopped' | 'backing-off';
  /** Starts after an end. */
  readonly restarts: number;
  /** ISO 8601, of what runs now. */
  readonly startedAt: string | null;
  readonly health: 'ok' | 'silent' | 'unknown';
}

/** What a supervisor is told once. */
export interface SupervisorOptions {
  readonly self: Identity;
  readonly statusPort: number;
  /** Path of `supervisor.json`. */
  readonly recordPath: string;
  /** Path of the supervisor's own log. */
  readonly logFile: string;
}

/** Keeps a set of processes running, each in a process group of its own, and stops them in order. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #processes: Supervised[] = [];
  readonly #events: SupervisorEvent[] = [];
  /** One entry per run: the system is asked once who it is. */
  readonly #identities = new WeakMap<object, RecordedProcess>();
  readonly #rotation: NodeJS.Timeout;
  #written = '';
  /** Why the record could not be written the last time; said once. */
  #complaint = '';
  #stopping: Promise<void> | undefined;

  /** @throws Problem when the record cannot be written */
  constructor(options: SupervisorOptions) {
    this.#options = options;
    writeRecord(options.recordPath, { supervisor: options.self, statusPort: options.statusPort, processes: [] });
    this.#rotation = setInterval(() => this.#rotate(), ROTATE_EVERY_MS);
  }

  /** Starts a process and keeps it running. Nothing starts any more once all are being stopped. */
  start(spec: ProcessSpec): void {
    if (this.#stopping !== undefined) return;
    const process = new Supervised(spec, { changed: () => this.#record(), said: (text) => this.say(spec.name, text) });
    this.#processes.push(process);
    process.start();
  }

  /** Notes an event, for the status and the supervisor's log. */
  say(name: string, text: string): void {
    const at = Date.now();
    this.#events.push({ at, name, text });
    if (this.#events.length > EVENTS_KEPT) this.#events.shift();
    appendLine(this.#options.logFile, `${name} ${text}`, at);
  }

  get events(): readonly SupervisorEvent[] {
    return this.#events;
  }

  get processes(): readonly ProcessStatus[] {
    return this.#processes.map(({ spec, phase, restarts, run }) => ({
      name: spec.name,
      kind: spec.kind,
      pid: run?.pid ?? null,
      port: spec.port,
      state: phase.state,
      restarts,
      startedAt: run === undefined ? null : new Date(run.startedAt).toISOString(),
      health: run?.health ?? 'unknown',
    }));
  }

  /**
   * Stops everything, in order, and removes the record. Called again, it is the same stop.
   * @param onStop told before each kind of process is stopped
   */
  stop(onStop: (kind: ProcessKind) => void = () => {}): Promise<void> {
    this.#stopping ??= this.#stopAll(onStop);
    return this.#stopping;
  }

  async #stopAll(onStop: (kind: ProcessKind) => void): Promise<void> {
    for (const kind of STOP_ORDER) {
      const ofKind = this.#processes.filter(({ spec }) => spec.kind === kind);
      if (ofKind.length === 0) continue;
      onStop(kind);
      await Promise.all(ofKind.map((process) => process.stop()));
    }
    clearInterval(this.#rotation);
    removeRecord(this.#options.recordPath);
  }

  /** Writes down at once what runs, before anything else can happen: what is not written is not found again. */
  #record(): void {
    const processes = this.#processes.flatMap(({ spec, run }) => (run === undefined ? [] : [this.#recorded(spec, run)]));
    const pids = processes.map(({ pid }) => pid).join();
    if (pids === this.#written) return;
    try {
      writeRecord(this.#options.recordPath, { supervisor: this.#options.self, statusPort: this.#options.statusPort, processes });
      this.#written = pids;
      this.#complaint = '';
    } catch (error) {
      const { message } = error as Error;
      if (message !== this.#complaint) this.say('supervisor', message);
      this.#complaint = message;
    }
  }

  #recorded({ name, kind }: ProcessSpec, run: { readonly pid: number }): RecordedProcess {
    const known = this.#identities.get(run);
    if (known !== undefined) return known;
    const recorded = { name, kind, pid: run.pid, born: identify(run.pid)?.born ?? 'gone', program: programOf(run.pid) };
    this.#identities.set(run, recorded);
    return recorded;
  }

  #rotate(): void {
    const files = [...this.#processes.map(({ spec }) => spec.logFile), this.#options.logFile];
    for (const file of files) {
      try {
        rotateLog(file);
      } catch (error) {
        this.say('supervisor', `could not move ${file} aside: ${(error as Error).message}`);
      }
    }
  }
}
