import { readdirSync, rmSync } from 'node:fs';
import type { Dirent } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '../common/config.ts';
import { makeFolder } from '../common/folders.ts';

/** The first file of every installation: a folder that has it was written by this. */
const FIRST = '00-namespace.yaml';
/** How many of the things in a folder a message names. */
const NAMED = 3;

const REMEDIES: Readonly<Record<string, string>> = {
  ENOENT: 'no folder can be made there',
  ENOTDIR: 'a file is in the way where a folder is needed',
  EACCES: 'it may not be written by this user',
  EPERM: 'it may not be written by this user',
  EROFS: 'its disk is read-only',
  ENOSPC: 'the disk is full',
};

/** Turns a file system's refusal into a sentence with its remedy. */
function orProblem<T>(folder: string, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    const reason = REMEDIES[(cause as NodeJS.ErrnoException).code ?? ''];
    throw reason === undefined ? cause : new ConfigError([`--out ${folder}: ${reason}; name another folder`]);
  }
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

const isManifest = (entry: Dirent): boolean => entry.isFile() && entry.name.endsWith('.yaml');

/**
 * Makes sure that a folder may be emptied: only one that holds nothing but earlier manifests. Anything else is somebody's own.
 * @throws ConfigError that names what is in it
 */
export function checkFolder(folder: string): void {
  const entries = orProblem(folder, () => entriesOf(folder));
  const others = entries.filter((entry) => !isManifest(entry)).map(({ name }) => name);
  if (others.length === 0 && (entries.length === 0 || entries.some(({ name }) => name === FIRST))) return;
  const named = (others.length === 0 ? entries.map(({ name }) => name) : others).toSorted().slice(0, NAMED).join(', ');
  throw new ConfigError([`--out ${folder}: it holds what npm run synth has not written (${named}), and would be emptied; name a new folder, or one with nothing but earlier manifests`]);
}

/** Makes a folder, or empties it. What tells that it may be emptied goes last. */
export function emptyFolder(folder: string): void {
  orProblem(folder, () => {
    makeFolder(folder);
    for (const name of readdirSync(folder).toSorted().toReversed()) rmSync(join(folder, name));
  });
}
