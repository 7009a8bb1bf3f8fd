import type { Server } from 'node:http';
import { identify } from '../supervisor/identity.ts';
import type { ProcessKind, ProcessSpec } from '../supervisor/spec.ts';
import { Supervisor } from '../supervisor/supervisor.ts';
import type { LocalConfig } from './config.ts';
import { pathsIn, portsFrom } from './layout.ts';
import type { Secrets } from './secrets.ts';
import { wholeStatus } from './status.ts';
import type { StackStatus } from './status.ts';
import { serveStatus } from './status-server.ts';

/** A stack under this process's supervision. */
export class Stack {
  readonly config: LocalConfig;
  readonly dataDir: string;
  readonly #secrets: Secrets;
  readonly #startedAt = new Date();
  #supervisor: Supervisor | undefined;
  #server: Server | undefined;
  #asked: Promise<StackStatus> | undefined;
  #readySeconds: number | null = null;
  #isStopping = false;

  constructor(config: LocalConfig, dataDir: string, secrets: Secrets) {
    this.config = config;
    this.dataDir = dataDir;
    this.#secrets = secrets;
  }

  get url(): string {
    return `http://127.0.0.1:${this.config.httpPort}`;
  }

  /**
   * Serves the status, then writes down who supervises. Nothing is started yet.
   * @throws Problem when the port is taken or the record cannot be written
   */
  async open(): Promise<void> {
    const statusPort = portsFrom(this.config.basePort).supervisor;
    this.#server = await serveStatus(statusPort, () => this.status());
    const self = identify(process.pid);
    if (self === undefined) throw new Error('Reading the start time of this process failed: without it no later start would know it again.');
    const paths = pathsIn(this.dataDir);
    this.#supervisor = new Supervisor({ self, statusPort, recordPath: paths.record, logFile: paths.log('supervisor') });
  }

  start(specs: readonly ProcessSpec[]): void {
    for (const spec of specs) this.#supervisor?.start(spec);
  }

  /** The first write has succeeded. */
  ready(): number {
    const seconds = (Date.now() - this.#startedAt.getTime()) / 1000;
    this.#readySeconds = seconds;
    this.#supervisor?.say('supervisor', `ready in ${seconds.toFixed(1)} s`);
    return seconds;
  }

  /** Asked by many at once, it is put together once. */
  status(): Promise<StackStatus> {
    this.#asked ??= this.#status().finally(() => (this.#asked = undefined));
    return this.#asked;
  }

  async #status(): Promise<StackStatus> {
    const known = {
      url: this.url,
      dataDir: this.dataDir,
      basePort: this.config.basePort,
      pid: process.pid,
      startedAt: this.#startedAt.toISOString(),
      readySeconds: this.#readySeconds,
      stopping: this.#isStopping,
      processes: this.#supervisor?.processes ?? [],
      events: this.#supervisor?.events ?? [],
    };
    return wholeStatus(known, this.#secrets.redis);
  }

  /** Notes something that is no single process's. */
  say(text: string): void {
    this.#supervisor?.say('supervisor', text);
  }

  /** Stops all in order; called again, it is the same stop. */
  async stop(onStop: (kind: ProcessKind) => void): Promise<void> {
    this.#isStopping = true;
    await this.#supervisor?.stop(onStop);
    this.#server?.close();
    this.#server?.closeAllConnections();
  }
}
