import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TemporaryUser } from '../../local/nginx/conf.ts';
import { modulesLacking } from '../../local/nginx/prepare.ts';
import { findPrograms, findWrk, type Programs } from '../../local/programs/programs.ts';
import { CACHE_DIR } from '../../local/stack/environment.ts';
import { startGuardian, type Guardian } from '../../local/testing/guardian.ts';
import { freePorts } from '../../local/testing/ports.ts';
import { ServerProcess } from '../../local/testing/process.ts';
import { Autocannon } from '../load/autocannon.ts';
import type { LoadGenerator } from '../load/generator.ts';
import { Wrk } from '../load/wrk.ts';
import type { BenchOptions } from '../options.ts';

/** What has to be ended, in the reverse order of its beginning. */
type End = () => Promise<void>;

/**
 * The ground on which cases are measured: programs, a folder, ports, and all that was started. Every process ends with
 * {@link Bed.end}, and with this process if that is killed.
 */
export class Bed {
  readonly programs: Programs;
  readonly nginxLacks: readonly TemporaryUser[];
  readonly signal: AbortSignal;
  /** Says what goes on. */
  readonly say: (text: string) => void;
  readonly #guardian: Guardian;
  readonly #ends: End[] = [];
  /** Servers of their own process groups keep nobody alive who waits for them. */
  readonly #alive = setInterval(() => undefined, 60_000);
  readonly #parts = new Map<string, Promise<unknown>>();

  private constructor(found: { readonly programs: Programs; readonly nginxLacks: readonly TemporaryUser[] }, signal: AbortSignal, say: (text: string) => void) {
    this.programs = found.programs;
    this.nginxLacks = found.nginxLacks;
    this.signal = signal;
    this.say = say;
    this.#guardian = startGuardian('bench');
  }

  /** Finds or fetches the programs. Nothing runs yet. @throws Problem that says what to install */
  static async create(signal: AbortSignal, say: (text: string) => void): Promise<Bed> {
    const programs = await findPrograms(fetching(signal, say));
    return new Bed({ programs, nginxLacks: await modulesLacking(programs.nginx) }, signal, say);
  }

  /** The program that makes the load. @throws Error when the wanted one cannot be had */
  async loadGenerator(wanted: BenchOptions['load']): Promise<LoadGenerator> {
    if (wanted === 'autocannon') return new Autocannon();
    const wrk = await findWrk(fetching(this.signal, this.say));
    if (wrk !== undefined) return new Wrk(wrk, this.folder('load'));
    if (wanted === 'wrk') throw new Error('wrk is not on PATH and could not be fetched: install it, or use --load autocannon.');
    return new Autocannon();
  }

  /** A part that several cases use: made when it is first asked for. */
  part<T>(name: string, make: () => Promise<T>): Promise<T> {
    const known = this.#parts.get(name) as Promise<T> | undefined;
    if (known !== undefined) return known;
    const made = make();
    this.#parts.set(name, made);
    return made;
  }

  /** A folder of its own below the temporary one; removed at the end. */
  folder(name: string): string {
    const folder = join(this.#guardian.folder, name);
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  /** Free ports on the loopback. */
  ports(count: number): Promise<readonly number[]> {
    return freePorts(count);
  }

  /** Starts a server in a process group of its own; whoever starts it waits until it serves. */
  spawn(name: string, argv: readonly string[], env: Readonly<Record<string, string>>): ServerProcess {
    this.signal.throwIfAborted();
    const server = new ServerProcess(this.#guardian, join(this.#guardian.folder, `${name}.log`));
    server.spawn(argv, env);
    return server;
  }

  /** Is called at the end, before what was started earlier is ended. */
  atEnd(end: End): void {
    this.#ends.push(end);
  }

  /** Ends everything and removes the folders. */
  async end(): Promise<void> {
    for (const end of this.#ends.splice(0).toReversed()) await end().catch((error: unknown) => this.say(`Ending a part failed: ${String(error)}`));
    await this.#guardian.end();
    clearInterval(this.#alive);
  }
}

const fetching = (signal: AbortSignal, say: (text: string) => void) => ({ cacheDir: CACHE_DIR, report: ({ text }: { readonly text: string }) => say(text), signal });
