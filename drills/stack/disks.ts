import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Problem } from '../../local/programs/problem.ts';

const COMMAND_BOUND_MS = 20_000;

/** Grows as it is written to: a member needs some 300 MB. */
const DISK_SIZE = '1500M';

const FILLER = 'filler';

/** A file system as a folder. */
interface Disk {
  readonly name: string;
  readonly folder: string;
  isFrozen: boolean;
}

/**
 * A disk of its own for each member, which a drill can fill or let hang: file systems in files, mounted on the members'
 * folders. Only root on Linux can do that.
 */
export class Disks {
  readonly #disks: readonly Disk[];

  private constructor(disks: readonly Disk[]) {
    this.#disks = disks;
  }

  /**
   * Makes and mounts them. They must be closed.
   * @param dataDir folder of a stack that has never run
   * @throws Problem when this machine does not allow it
   */
  static async open(dataDir: string, names: readonly string[]): Promise<Disks> {
    if (process.platform !== 'linux' || process.getuid?.() !== 0) throw new Problem('This drill gives each member a disk of its own, which only root on Linux can: run it as root, or leave it out.');
    const disks = names.map((name) => ({ name, folder: join(dataDir, name), isFrozen: false }));
    const made = new Disks(disks);
    try {
      for (const { name, folder } of disks) {
        const image = join(dataDir, `${name}.disk`);
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        await run('truncate', '--size', DISK_SIZE, image);
        await run('mkfs.ext4', '-q', '-F', '-m', '0', image);
        await run('mount', '-o', 'loop', image, folder);
      }
      return made;
    } catch (error) {
      made.close();
      throw new Problem('A disk for each member could not be made: this drill needs loop devices, mkfs.ext4 and fsfreeze.', { cause: error });
    }
  }

  /** From now on whatever writes to the disk hangs; reads go on. */
  async freeze(name: string): Promise<void> {
    const disk = this.#named(name);
    disk.isFrozen = true;
    await run('fsfreeze', '--freeze', disk.folder);
  }

  /** Lets writes go on. Idempotent. */
  thaw(name: string): void {
    const disk = this.#named(name);
    if (!disk.isFrozen) return;
    spawnSync('fsfreeze', ['--unfreeze', disk.folder], { timeout: COMMAND_BOUND_MS });
    disk.isFrozen = false;
  }

  /** Leaves no room on the disk. @returns the bytes that were free before */
  async fill(name: string): Promise<number> {
    const { folder } = this.#named(name);
    const { bavail, bsize } = await statfs(folder);
    // What is written meanwhile takes some of it: less and less is asked for, until nothing is left.
    for (let bytes = bavail * bsize, at = 0; bytes >= bsize && at < 64; at += 1) {
      await run('fallocate', '--length', String(Math.floor(bytes)), join(folder, `${FILLER}-${at}`)).catch(() => undefined);
      const left = await statfs(folder);
      bytes = Math.min(left.bavail * left.bsize, at % 2 === 0 ? bytes : bytes / 2);
    }
    return bavail * bsize;
  }

  /** Gives the room back. Idempotent. */
  empty(name: string): void {
    const { folder } = this.#named(name);
    for (let at = 0; at < 64; at += 1) rmSync(join(folder, `${FILLER}-${at}`), { force: true });
  }

  /** Lets everything go on, and takes the disks away. Idempotent. */
  close(): void {
    for (const { name, folder } of this.#disks) {
      this.thaw(name);
      spawnSync('umount', ['--lazy', folder], { timeout: COMMAND_BOUND_MS });
    }
  }

  #named(name: string): Disk {
    const found = this.#disks.find((disk) => disk.name === name);
    if (found === undefined) throw new Error(`There is no disk for ${name}.`);
    return found;
  }
}

async function run(program: string, ...args: readonly string[]): Promise<void> {
  try {
    await promisify(execFile)(program, args, { timeout: COMMAND_BOUND_MS });
  } catch (error) {
    throw new Error(`${program} ${args.join(' ')} failed: ${(error as { stderr?: string }).stderr?.trim() ?? ''}`, { cause: error });
  }
}
