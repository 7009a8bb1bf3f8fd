import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Contestant } from '../measure/alternate.ts';
import type { LoadResult } from './generator.ts';

/** As many as the stack has Koa processes. */
const PROCESSES = 2;

/** Statements sent by mysql2 alone, without HTTP. */
export interface StatementOrder {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** One after the other, over and over. */
  readonly statements: readonly Statement[];
  /** Of each process. */
  readonly connections: number;
  readonly seconds: number;
}

/** One statement, or several in one packet. */
export interface Statement {
  readonly sql: string;
  /** A buffer is written as `{ random: bytes }`: it is made anew each time. */
  readonly values: readonly (string | number | null | { readonly random: number })[];
}

/** What one process answers: how many, in how many seconds, and the 50th and 99th percentile in milliseconds. */
export interface StatementResult {
  readonly done: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpu: number;
}

/** Sends statements from two processes, as many as the service has. */
export const statements = (what: string, order: Omit<StatementOrder, 'seconds'>): Contestant => ({
  what,
  run: async (seconds, signal) => {
    const all = await Promise.all(Array.from({ length: PROCESSES }, () => oneProcess({ ...order, seconds }, signal)));
    return together(all);
  },
});

/** The sum of the processes; of the times the worse. */
export function together(all: readonly StatementResult[]): LoadResult {
  return {
    perSecond: all.reduce((sum, { done, seconds }) => sum + done / seconds, 0),
    p50Ms: Math.max(...all.map(({ p50Ms }) => p50Ms)),
    p99Ms: Math.max(...all.map(({ p99Ms }) => p99Ms)),
    failed: 0,
    cpu: all.reduce((sum, { cpu }) => sum + cpu, 0),
  };
}

async function oneProcess(order: StatementOrder, signal: AbortSignal): Promise<StatementResult> {
  signal.throwIfAborted();
  const child = fork(join(import.meta.dirname, 'statements-process.ts'), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], execArgv: [] });
  return await answered<StatementResult>(child, order, signal);
}

/** Sends an order to a process and takes its only answer; the process ends by itself, or with the signal. */
export async function answered<T>(child: ChildProcess, order: object, signal: AbortSignal): Promise<T> {
  const stop = (): void => void child.kill('SIGKILL');
  signal.addEventListener('abort', stop, { once: true });
  try {
    const exited = once(child, 'exit');
    let result: T | undefined;
    child.once('message', (message) => (result = message as T));
    child.send(order);
    await exited;
    signal.throwIfAborted();
    if (result === undefined) throw new Error(`A process that makes load ended with ${child.exitCode ?? child.signalCode} before it gave a result: see above.`);
    return result;
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
  }
}
