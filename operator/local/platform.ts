import { existsSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { MemberAddress } from '../../common/members.ts';
import { NO_NOTICE } from '../ports.ts';
import type { Platform } from '../ports.ts';

/** What {@link localPlatform} needs. */
export interface LocalPlatformOptions {
  readonly members: readonly MemberAddress[];
  /** Path of the file whose being there says that the cluster has had data. */
  readonly mark: string;
}

/** One machine: members from the settings, a file as mark, no lease. */
export function localPlatform({ members, mark }: LocalPlatformOptions): Platform {
  let known = false;
  return {
    members,
    initialised: () => (known ||= existsSync(mark)),
    markInitialised: async () => {
      await writeDurably(mark);
      known = true;
    },
    mayTakeLocks: () => Promise.resolve(false),
    yields: () => false,
    notice: () => NO_NOTICE,
  };
}

/** Whole or not at all, and on disk before it returns: a mark that a power cut takes back would let an emptied cluster start anew. */
async function writeDurably(path: string): Promise<void> {
  try {
    const file = await open(`${path}.new`, 'w', 0o600);
    await file.writeFile('This cluster has had data. Without this file, a cluster whose members are all empty is begun anew.\n');
    await file.sync();
    await file.close();
    await rename(`${path}.new`, path);
    const folder = await open(dirname(path), 'r');
    await folder.sync();
    await folder.close();
  } catch (cause) {
    throw new Error(`Writing the mark ${path} failed: make its folder writable, or free space on its disk.`, { cause });
  }
}
