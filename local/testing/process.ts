import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Guardian } from './guardian.ts';

/** Signals that tests send. */
export type TestSignal = 'SIGTERM' | 'SIGKILL' | 'SIGSTOP' | 'SIGCONT';

/** One server process in a process group of its own; can be started again after it ended. */
export class ServerProcess {
  readonly #guardian: Guardian;
  readonly #log: string;
  #child: ChildProcess | undefined;
  #ended: Promise<unknown> = Promise.resolve();
  #last: TestSignal | undefined;

  /**
   * @param log file that gets its output
   */
  constructor(guardian: Guardian, log: string) {
    this.#guardian = guardian;
    this.#log = log;
  }

  /** Its process id; 0 while it does not run. */
  get pid(): number {
    return this.running ? (this.#child?.pid ?? 0) : 0;
  }

  get running(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Settles when it has ended; at once while it does not run. */
  get ended(): Promise<unknown> {
    return this.#ended;
  }

  /** Starts it; does not wait until it serves. */
  spawn(argv: readonly string[], env: Readonly<Record<string, string>>): void {
    if (this.running) throw new Error(`${argv[0]} runs already as pid ${this.pid}: end it before starting it again`);
    // A test that starts members again whenever they end may be about to do so when it stops.
    if (this.#guardian.over()) throw new Error(`${argv[0]} is not started: the test that would end it is over`);
    const [program = '', ...args] = argv;
    const log = openSync(this.#log, 'a');
    const child = spawn(program, args, { stdio: ['ignore', log, log], env: { ...process.env, ...env }, detached: true });
    closeSync(log);
    const pgid = child.pid ?? 0;
    if (pgid > 0) this.#guardian.watch(pgid);
    child.unref();
    this.#child = child;
    this.#ended = once(child, 'exit').finally(() => this.#guardian.forget(pgid));
  }

  /** Sends a signal to its process group; resolves at once, or when it has ended for SIGTERM and SIGKILL, or stands still for SIGSTOP. */
  async kill(signal: TestSignal): Promise<void> {
    if (!this.running) return;
    process.kill(-this.pid, signal);
    this.#last = signal;
    if (signal === 'SIGKILL' || signal === 'SIGTERM') await this.#ended;
    while (this.#last === 'SIGSTOP' && this.running && !(await standsStill(this.pid))) await sleep(STOPS_MS);
  }
}

/** Between two looks at a process that is to stop, ms. */
const STOPS_MS = 2;

/** Whether no thread goes on: where the machine is busy, each stops only when its turn comes. Only Linux tells. */
async function standsStill(pid: number): Promise<boolean> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const states = await Promise.all(threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/stat`, 'utf8').then((line) => line[line.lastIndexOf(')') + 2], () => 'X')));
  return states.every((state) => state === 'T' || state === 'X' || state === 'Z');
}
