import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { diskProblem, Problem } from '../programs/problem.ts';
import { pathsIn } from '../stack/layout.ts';
import { olderPart } from '../supervisor/log-file.ts';
import { EXIT, UsageError } from './command.ts';
import type { Command, Invocation } from './command.ts';

const LINES_SHOWN = 100;
const LOOK_EVERY_MS = 200;

/** The last lines of a log, those of its older part included when the newer one has too few. */
export function lastLines(path: string, count: number): string {
  const newer = readFileSync(path, 'utf8');
  const isEnough = newer.split('\n').length > count || !existsSync(olderPart(path));
  const lines = `${isEnough ? '' : readFileSync(olderPart(path), 'utf8')}${newer}`.split('\n');
  const hasEnd = lines.at(-1) === '';
  return lines.slice(-count - (hasEnd ? 1 : 0)).join('\n');
}

/** Reads what a file has from a place on; from its start when it has become shorter. */
export function readFrom(path: string, offset: number): { readonly bytes: Buffer; readonly offset: number } {
  const { size } = statSync(path);
  const from = size < offset ? 0 : offset;
  const bytes = Buffer.alloc(size - from);
  const file = openSync(path, 'r');
  try {
    return { bytes: bytes.subarray(0, readSync(file, bytes, 0, bytes.length, from)), offset: size };
  } finally {
    closeSync(file);
  }
}

async function follow(path: string, from: number): Promise<never> {
  let offset = from;
  while (true) {
    const read = readFrom(path, offset);
    if (read.bytes.length > 0) process.stdout.write(read.bytes);
    offset = read.offset;
    await sleep(LOOK_EVERY_MS);
  }
}

/** Whose logs are in a folder; none where there is no such folder. */
function logsIn(folder: string): string[] {
  try {
    return existsSync(folder) ? readdirSync(folder).flatMap((file) => (file.endsWith('.log') ? [file.slice(0, -'.log'.length)] : [])) : [];
  } catch (error) {
    throw diskProblem(error, 'Reading the logs', folder);
  }
}

async function logs({ dataDir, args }: Invocation): Promise<number> {
  const options = { follow: { type: 'boolean', short: 'f', default: false } } as const;
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  const folder = pathsIn(dataDir).logs;
  const names = logsIn(folder);
  if (names.length === 0) throw new Problem(`There are no logs in ${folder}: nothing was started there yet.`);
  const [name, ...more] = positionals;
  if (name === undefined || more.length > 0 || !names.includes(name)) throw new UsageError(`npm run logs NAME wants one of ${names.sort().join(', ')}`);
  const path = pathsIn(dataDir).log(name);
  const { size } = statSync(path);
  process.stdout.write(lastLines(path, LINES_SHOWN));
  if (values.follow) await follow(path, size);
  return EXIT.ok;
}

/** `npm run logs`. */
export const logsCommand: Command = { usage: 'NAME [-f]', summary: 'show the last lines of a process’s log; -f follows it', run: logs };
