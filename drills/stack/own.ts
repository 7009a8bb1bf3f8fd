import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { openDataFolder } from '../../local/stack/data-folder.ts';
import { numbered } from '../../local/stack/layout.ts';
import { LINK_SETTING, Links } from '../links/links.ts';
import { identify, isAlive, signalGroup, type Identity } from '../../local/supervisor/identity.ts';
import { Clocks } from '../clocks/clocks.ts';
import { Disks } from './disks.ts';
import { firstFree } from './ports.ts';
import { Stack } from './stack.ts';
import { until } from './wait.ts';

/** Programs may have to be fetched first. */
const START_BOUND_MS = 180_000;
const STOP_BOUND_MS = 45_000;

/** Ports of a stack stand in one block, above its base port. */
const BLOCK = 100;
// Below the default base port and outside the range of which the tests take theirs.
const FIRST_BASE_PORT = 12_000;
const LAST_BASE_PORT = 14_800;
const FIRST_LINK_PORT = 15_000;
const LAST_LINK_PORT = 17_800;
const FIRST_HTTP_PORT = 8500;
const LAST_HTTP_PORT = 8999;

/** Where a stack of a drill's own stands. */
interface Place {
  readonly dataDir: string;
  readonly basePort: number;
  readonly httpPort: number;
  /** Null: the stack's programs reach each other directly. */
  readonly linkPort: number | null;
}

/** What a drill asks of its stack. */
export interface Wishes {
  /** Links that the drill can cut. They cost some time per transaction, so that only drills that cut them have them. */
  readonly links: 'with links' | 'without links';
  /** Disks of the members' own, that the drill can fill or let hang. */
  readonly disks: 'with disks' | 'without disks';
  /** Wall clocks of the members' own, that the drill can move. */
  readonly clocks: 'with clocks' | 'without clocks';
}

/**
 * A stack that a drill has started for itself, in a folder and on ports of its own. It is ended by {@link OwnStack.end},
 * which every way out of a drill must call.
 */
export class OwnStack {
  readonly #place: Place;
  readonly #say: (line: string) => void;
  /** Set when it was made with links. */
  readonly links: Links | null;
  readonly disks: Disks | null;
  readonly clocks: Clocks | null;
  #supervisor: { readonly child: ChildProcess; readonly identity: Identity } | undefined;

  private constructor(place: Place, parts: Pick<OwnStack, 'links' | 'disks' | 'clocks'>, say: (line: string) => void) {
    this.#place = place;
    this.links = parts.links;
    this.disks = parts.disks;
    this.clocks = parts.clocks;
    this.#say = say;
  }

  /**
   * Chooses a folder and free ports. Nothing runs yet. What is not wished for is not there.
   * @param say gets each line that the stack prints while it starts
   */
  static async create({ links, disks, clocks }: Partial<Wishes>, say: (line: string) => void): Promise<OwnStack> {
    const dataDir = mkdtempSync(join(tmpdir(), 'holdfast-drill-'));
    const basePort = await firstFree(FIRST_BASE_PORT, LAST_BASE_PORT, BLOCK);
    const linkPort = links === 'with links' ? await firstFree(FIRST_LINK_PORT, LAST_LINK_PORT, BLOCK) : null;
    const httpPort = await firstFree(FIRST_HTTP_PORT, LAST_HTTP_PORT, 1);
    // The stack itself makes a data folder only where nothing is.
    if (disks === 'with disks' || clocks === 'with clocks') openDataFolder(dataDir);
    const members = numbered('mysql').map(({ name }) => name);
    const parts = {
      links: linkPort === null ? null : await Links.open(linkPort, basePort), disks: disks === 'with disks' ? await Disks.open(dataDir, members) : null,
      clocks: clocks === 'with clocks' ? await Clocks.open(dataDir, members) : null,
    };
    return new OwnStack({ dataDir, basePort, httpPort, linkPort }, parts, say);
  }

  get dataDir(): string {
    return this.#place.dataDir;
  }

  /**
   * Starts it, also again after its supervisor was killed, and waits until it is healthy.
   * @throws Error with the last lines it printed when it ended or is not healthy in time
   */
  async start(signal: AbortSignal): Promise<Stack> {
    const { dataDir, basePort, httpPort, linkPort } = this.#place;
    const child = spawn(process.execPath, [join(import.meta.dirname, '../../local/main.ts'), 'start', '--data', dataDir], {
      // A group of its own: Ctrl-C ends the drill, and the drill ends the stack.
      detached: true, stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, PORT: String(httpPort), HOLDFAST_BASE_PORT: String(basePort), ...(linkPort === null ? {} : { [LINK_SETTING]: String(linkPort) }), ...(this.clocks === null ? {} : { LD_PRELOAD: this.clocks.library }) },
    });
    const identity = child.pid === undefined ? undefined : identify(child.pid);
    if (identity === undefined) throw new Error('Starting the stack failed: its supervisor did not run.');
    this.#supervisor = { child, identity };
    const lines = this.#listen(child);
    const stack = await until({ what: 'The start of the stack', boundMs: START_BOUND_MS, everyMs: 200, signal }, async () => {
      if (child.exitCode !== null || child.signalCode !== null) return new Error(`The stack ended while it started:\n${lines.join('\n')}`);
      return await Stack.find(dataDir, signal);
    });
    if (stack instanceof Error) throw stack;
    await stack.waitForHealth(START_BOUND_MS, signal);
    return stack;
  }

  /** Ends what was started, in order if it can. Idempotent. */
  async end(): Promise<void> {
    // What hangs on its disk does not even die.
    for (const { name } of numbered('mysql')) this.disks?.thaw(name);
    await this.#endSupervisor();
    this.disks?.close();
    await this.links?.close();
  }

  async #endSupervisor(): Promise<void> {
    const running = this.#supervisor;
    if (running === undefined || !isAlive(running.identity)) return;
    running.child.kill('SIGTERM');
    const late = setTimeout(() => signalGroup(running.identity.pid, 'SIGKILL'), STOP_BOUND_MS);
    if (running.child.exitCode === null && running.child.signalCode === null) await once(running.child, 'exit');
    clearTimeout(late);
    this.#supervisor = undefined;
  }

  /** Removes its data folder. */
  remove(): void {
    rmSync(this.#place.dataDir, { recursive: true, force: true });
  }

  /** Passes on what it prints, and keeps the last lines. */
  #listen(child: ChildProcess): readonly string[] {
    const lines: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface(stream).on('line', (line) => {
        lines.push(line);
        if (lines.length > 20) lines.shift();
        this.#say(line);
      });
    }
    return lines;
  }
}
