import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argvOf, type Program } from '../../local/programs/program.ts';
import { ticksOf } from '../../local/stack/footprint.ts';
import type { LoadGenerator, LoadOrder, LoadResult } from './generator.ts';
import type { Asked } from './traffic.ts';

const LOOK_MS = 100;
/** The clock tick of /proc's times, per second (proc(5)). */
const TICKS_PER_S = 100;
/** Seconds that a request may take: longer than the service holds a write. */
const TIMEOUT_S = 15;

/** Loads by wrk. */
export class Wrk implements LoadGenerator {
  readonly #program: Program;
  readonly #folder: string;
  #orders = 0;

  /** @param folder gets the requests of each load */
  constructor(program: Program, folder: string) {
    this.#program = program;
    this.#folder = folder;
  }

  get title(): string {
    return `wrk ${this.#program.version}`;
  }

  async run(order: LoadOrder, signal: AbortSignal): Promise<LoadResult> {
    signal.throwIfAborted();
    this.#orders += 1;
    const file = join(this.#folder, `load-${this.#orders}.txt`);
    writeFileSync(file, order.traffic.map(lineOf).join(''));
    // One thread more would only take the core that the servers need; one connection needs no second.
    const threads = Math.min(2, order.connections);
    const args = ['-t', String(threads), '-c', String(order.connections), '-d', `${order.seconds}s`, '--timeout', `${TIMEOUT_S}s`, '-s', join(import.meta.dirname, 'wrk.lua'), order.url, '--', file];
    const startedAt = performance.now();
    const { output, ticks } = await ended(argvOf(this.#program, args), signal);
    return resultOf(output, ticks / TICKS_PER_S / ((performance.now() - startedAt) / 1000));
  }
}

export const lineOf = ({ method, path, body = '' }: Asked): string => `${method}\t${path}\t${body}\n`;

/**
 * Reads what wrk.lua writes at its end, times in microseconds.
 * @throws Error with the last of what wrk wrote when that is not there
 */
export function resultOf(output: string, cpu: number): LoadResult {
  const line = output.split('\n').find((one) => one.startsWith('{"requests"'));
  if (line === undefined) throw new Error(`wrk gave no result: ${output.trim().slice(-500)}`);
  const { requests, microseconds, failed, p50, p99 } = JSON.parse(line) as Readonly<Record<'requests' | 'microseconds' | 'failed' | 'p50' | 'p99', number>>;
  return { perSecond: requests / (microseconds / 1e6), p50Ms: p50 / 1000, p99Ms: p99 / 1000, failed, cpu };
}

/** Runs it to its end; looks at its CPU now and then, since it is gone at the end. */
async function ended([program = '', ...args]: readonly string[], signal: AbortSignal): Promise<{ readonly output: string; readonly ticks: number }> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  let ticks = 0;
  const look = setInterval(() => (ticks = Math.max(ticks, ticksNow(child.pid))), LOOK_MS);
  const stop = (): void => void child.kill('SIGKILL');
  signal.addEventListener('abort', stop, { once: true });
  try {
    await once(child, 'close');
  } finally {
    clearInterval(look);
    signal.removeEventListener('abort', stop);
  }
  signal.throwIfAborted();
  if (child.exitCode !== 0) throw new Error(`wrk ended with ${child.exitCode ?? child.signalCode}: ${output.trim().slice(-500)}`);
  return { output, ticks };
}

function ticksNow(pid: number | undefined): number {
  try {
    return ticksOf(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    // It has ended, or this is no Linux.
    return 0;
  }
}
