import { execFile } from 'node:child_process';
import { closeSync, constants, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Problem } from '../../local/programs/problem.ts';

const COMPILE_BOUND_MS = 30_000;

/**
 * A wall clock of its own for each member, which a drill can move while the member runs: a small library that the members
 * preload, and a file in each member's folder that says how wrong its clock is. What a thread waits for in the moment of a
 * jump is not cut short or drawn out by it, as it would be by a jump of the machine's clock.
 */
export class Clocks {
  readonly #dataDir: string;
  /** To be preloaded by all that is started. */
  readonly library: string;

  private constructor(dataDir: string, library: string) {
    this.#dataDir = dataDir;
    this.library = library;
  }

  /**
   * Makes them, all right at first.
   * @param dataDir folder of a stack that has never run
   * @param names of the members
   * @throws Problem when this machine cannot
   */
  static async open(dataDir: string, names: readonly string[]): Promise<Clocks> {
    if (process.platform !== 'linux') throw new Problem('This drill moves the clock of one process, which it can on Linux only: leave it out.');
    const library = join(dataDir, 'clock.so');
    try {
      await promisify(execFile)('cc', ['-shared', '-fPIC', '-O2', '-o', library, join(import.meta.dirname, 'clock.c'), '-ldl'], { timeout: COMPILE_BOUND_MS });
    } catch (error) {
      throw new Problem('This drill moves the clock of one process by a library that it has to compile: install a C compiler (such as gcc), or leave it out.', { cause: error });
    }
    const clocks = new Clocks(dataDir, library);
    for (const name of names) {
      mkdirSync(join(dataDir, name), { recursive: true, mode: 0o700 });
      clocks.set(name, 0);
    }
    return clocks;
  }

  /**
   * Moves a member's clock.
   * @param seconds by how much it is wrong from now on; 0: it is right
   */
  set(name: string, seconds: number): void {
    // In the machine's byte order, and written in place: members have it mapped.
    const file = openSync(join(this.#dataDir, name, 'clock-offset'), constants.O_RDWR | constants.O_CREAT, 0o600);
    writeSync(file, new BigInt64Array([BigInt(seconds)]), 0, BigInt64Array.BYTES_PER_ELEMENT, 0);
    closeSync(file);
  }
}
