import { spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { end } from './ending.ts';
import { signalGroup, signalProcess, workedMs } from './identity.ts';
import { openLog } from './log-file.ts';
import { after, UNBORN } from './restarts.ts';
import type { Happening, Life, Phase } from './restarts.ts';
import type { Launch, ProcessSpec } from './spec.ts';
import { watch } from './watch.ts';
import type { Health } from './watch.ts';

/** What a {@link Supervised} tells of itself. */
export interface Told {
  /** Its pid, state or health is another; called before anything that follows from it. */
  readonly changed: () => void;
  /** Something that a person may want to read, such as `ended by SIGKILL`. */
  readonly said: (text: string) => void;
}

/** What runs now. */
interface Run {
  readonly pid: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  health: Health;
}

type Asked = 'restart' | 'nothing';

/** One process, started again whenever it ends, until it is stopped. */
export class Supervised {
  readonly spec: ProcessSpec;
  readonly #told: Told;
  #life: Life = UNBORN;
  #run: Run | undefined;
  #over: Promise<void> = Promise.resolve();
  #preparing = new AbortController();
  #pause: NodeJS.Timeout | undefined;

  constructor(spec: ProcessSpec, told: Told) {
    this.spec = spec;
    this.#told = told;
  }

  get phase(): Phase {
    return this.#life.phase;
  }

  get restarts(): number {
    return this.#life.restarts;
  }

  /** What runs now, nothing between two runs. */
  get run(): Readonly<Run> | undefined {
    return this.#run;
  }

  /** Starts it for the first time, or again after {@link stop}. */
  start(): void {
    this.#happens({ kind: 'start' });
    this.#over = this.#live();
  }

  /** Stops it for good: asks, waits as long as its spec says, then kills. Settles when nothing of it is left. */
  async stop(): Promise<void> {
    this.#happens({ kind: 'stop' });
    clearTimeout(this.#pause);
    this.#preparing.abort();
    if (this.#run === undefined) return this.#over;
    const { askToStop, stopLimitMs } = this.spec;
    const ask = askToStop ?? (async (pid: number): Promise<void> => signalProcess(pid, 'SIGTERM'));
    const ending = await end({ pid: this.#run.pid, ask, gone: this.#over, limitMs: stopLimitMs });
    if (ending === 'killed') this.#told.said(`did not stop within ${stopLimitMs / 1000} s and was killed`);
  }

  #happens(happening: Happening): void {
    this.#life = after(this.#life, happening, performance.now());
    this.#told.changed();
  }

  /** One run, from its preparation to its end; never fails, and sees to the next one. */
  async #live(): Promise<void> {
    const asked = await this.#once();
    this.#happens({ kind: 'ended', asked });
    const { phase } = this.#life;
    if (phase.state === 'backing-off') this.#pause = setTimeout(() => this.start(), Math.max(0, phase.until - performance.now()));
  }

  async #once(): Promise<Asked> {
    const preparing = new AbortController();
    this.#preparing = preparing;
    try {
      const launch = await this.spec.launch(preparing.signal);
      return preparing.signal.aborted ? 'nothing' : await this.#spawned(launch);
    } catch (error) {
      if (!preparing.signal.aborted) this.#told.said(`could not be started: ${(error as Error).message}`);
      return 'nothing';
    }
  }

  async #spawned({ argv: [program = '', ...args], env, notes = [] }: Launch): Promise<Asked> {
    const { cwd, logFile } = this.spec;
    for (const note of notes) this.#told.said(note);
    const log = openLog(logFile);
    // A group of its own: a terminal's Ctrl-C reaches the supervisor only, which then stops all in order.
    const child = spawn(program, args, { cwd, env, detached: true, stdio: ['ignore', log, log] });
    closeSync(log);
    const ended = new Promise<Asked>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => resolve(this.#exited(code, signal)));
    });
    if (child.pid === undefined) return ended;
    const over = new AbortController();
    const run: Run = { pid: child.pid, startedAt: Date.now(), health: 'unknown' };
    this.#run = run;
    this.#told.changed();
    void this.#watch(run, over.signal);
    try {
      return await ended;
    } finally {
      over.abort();
      // Workers outlive their master, as nginx's do, and would go on answering beside the next run.
      signalGroup(run.pid, 'SIGKILL');
      this.#run = undefined;
    }
  }

  #exited(code: number | null, signal: NodeJS.Signals | null): Asked {
    const asked = code !== null && (this.spec.restartCodes ?? []).includes(code);
    if (this.phase.state !== 'stopped') this.#told.said(asked ? 'asked to be started again' : `ended ${signal === null ? `with exit code ${code ?? 0}` : `by ${signal}`}`);
    return asked ? 'restart' : 'nothing';
  }

  #watch(run: Run, signal: AbortSignal): Promise<void> {
    const onHealth = (health: Health): void => {
      if (run.health === health) return;
      run.health = health;
      this.#told.changed();
    };
    const onSilent = (ms: number): void => {
      this.#told.said(`did not answer for ${(ms / 1000).toFixed(1)} s and is killed`);
      signalGroup(run.pid, 'SIGKILL');
    };
    const onReady = (): void => {
      this.#happens({ kind: 'ready' });
      if (this.restarts > 0) this.#told.said(`runs again, pid ${run.pid}`);
    };
    return watch({ ...this.spec, workedMs: () => workedMs(run.pid) }, { onReady, onHealth, onSilent }, signal);
  }
}
