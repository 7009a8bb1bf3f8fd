import { existsSync, readdirSync, readFileSync, renameSync, statfsSync, writeFileSync } from 'node:fs';
import { makeFolder } from '../../common/folders.ts';
import { diskProblem, Problem } from '../programs/problem.ts';
import { pathsIn } from './layout.ts';
import { makeSecrets } from './secrets.ts';

/** Grows when an older holdfast could not use the folder any more, or this one an older folder. */
export const FORMAT = 1;

/** Free space, in bytes, below which nothing is started: three members' first files, and some room to grow. */
export const LEAST_FREE_BYTES = { first: 1_500_000_000, later: 300_000_000 } as const;

/** `holdfast.json`: what this folder is. */
interface Description {
  readonly format: number;
  /** ISO 8601. */
  readonly createdAt: string;
}

const asMegabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;

/**
 * Refuses a folder of another format.
 * @param text of `holdfast.json`
 * @throws Problem
 */
export function checkFormat(path: string, text: string): void {
  let format: unknown;
  try {
    ({ format } = JSON.parse(text) as Partial<Description>);
  } catch (error) {
    throw new Problem(`${path} cannot be read: put it back as it was, choose another folder with --data, or begin anew with npm run reset.`, { cause: error });
  }
  if (format === FORMAT) return;
  throw new Problem(
    `${path} is of format ${JSON.stringify(format) ?? 'none'}, this holdfast uses ${FORMAT}: use the version that made it, choose another folder with --data, or throw the data away with npm run reset.`,
  );
}

/**
 * Refuses a disk with too little room.
 * @param freeBytes that this user may still use
 * @throws Problem
 */
export function checkSpace(dataDir: string, freeBytes: number, leastBytes: number): void {
  if (freeBytes >= leastBytes) return;
  throw new Problem(`The disk of ${dataDir} is full: ${asMegabytes(freeBytes)} are free, ${asMegabytes(leastBytes)} are needed. Free some space, or choose a folder on another disk with --data.`);
}

/** Longest path of a Unix socket in bytes: 107 on Linux, 103 on macOS. */
const LONGEST_SOCKET_PATH = 103;

/**
 * Refuses a folder whose path is too long for mysqld's socket in it.
 * @throws Problem
 */
export function checkPath(dataDir: string): void {
  const room = LONGEST_SOCKET_PATH - Buffer.byteLength('/mysql-0/mysqld.sock.lock');
  if (Buffer.byteLength(dataDir) <= room) return;
  throw new Problem(`The path ${dataDir} is too long for a Unix socket below it: choose one of at most ${room} bytes with --data.`);
}

/** Whether a folder is one of ours: the only kind that may be removed. */
export const isDataFolder = (dataDir: string): boolean => existsSync(pathsIn(dataDir).description);

/**
 * Opens a data folder, or makes it with its passwords at the first start.
 * @param dataDir absolute path
 * @throws Problem when it is of another format, something else, not writable, or its disk is full
 */
export function openDataFolder(dataDir: string): void {
  const paths = pathsIn(dataDir);
  const isFirst = !isDataFolder(dataDir);
  checkPath(dataDir);
  try {
    makeFolder(dataDir, 0o700);
    if (isFirst && readdirSync(dataDir).some((name) => !name.startsWith('secrets.json'))) {
      throw new Problem(`${dataDir} is not empty, and no data folder of holdfast: choose another one with --data.`);
    }
    if (!isFirst) checkFormat(paths.description, readFileSync(paths.description, 'utf8'));
    const { bavail, bsize } = statfsSync(dataDir);
    checkSpace(dataDir, bavail * bsize, isFirst ? LEAST_FREE_BYTES.first : LEAST_FREE_BYTES.later);
    if (isFirst) describe(dataDir);
    makeFolder(paths.logs, 0o700);
  } catch (error) {
    throw diskProblem(error, 'Opening the data folder', dataDir);
  }
}

/** Passwords first: a folder that has its description is whole. */
function describe(dataDir: string): void {
  const paths = pathsIn(dataDir);
  makeSecrets(paths.secrets);
  const description: Description = { format: FORMAT, createdAt: new Date().toISOString() };
  const next = `${paths.secrets}.description`;
  writeFileSync(next, `${JSON.stringify(description, undefined, 2)}\n`, { flush: true });
  renameSync(next, paths.description);
}
