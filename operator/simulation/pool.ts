import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Rule } from './checks.ts';
import type { Edit } from './mutate.ts';
import type { Schedule } from './schedule.ts';
import type { WorkerData } from './worker.ts';

/** Seeds that a worker gets at once. */
const CHUNK = 20;
/** A schedule leaves megabytes of short-lived objects; room for those of many saves copying the ones that live, MB. */
const YOUNG_MB = 96;

/** What a worker is to simulate. */
export interface Job {
  readonly seeds: readonly number[];
  /** Instead of seeds' own. */
  readonly schedules?: readonly Schedule[];
}

/** A seed whose schedule broke a rule. */
export interface Found {
  readonly seed: number;
  readonly rule: Rule;
  readonly message: string;
}

/** What came of a job. */
export interface Report {
  done: number;
  simulatedMs: number;
  readonly violations: Found[];
}

/** What {@link simulateSeeds} needs. */
export interface PoolOptions {
  readonly first: number;
  readonly count: number;
  readonly workers?: number;
  readonly edits?: readonly Edit[];
  /** Simulated before any seed. */
  readonly schedules?: readonly Schedule[];
  /** Told after each chunk. */
  readonly progress?: (report: Report) => void;
  /** Ends it at the first violation. */
  readonly stopAtFirst?: boolean;
}

/**
 * Simulates seeds on all cores.
 * @returns what came of those that were simulated
 * @throws Error when the simulation itself cannot go on
 */
export async function simulateSeeds(options: PoolOptions): Promise<Report> {
  const { count, workers = availableParallelism(), edits = [] } = options;
  const total: Report = { done: 0, simulatedMs: 0, violations: [] };
  const seeds = { next: options.first, end: options.first + count, schedules: [...(options.schedules ?? [])] };
  const threads = Array.from({ length: Math.min(workers, Math.ceil((count + (options.schedules?.length ?? 0)) / CHUNK)) }, () => new Worker(new URL('worker.ts', import.meta.url), { workerData: { edits } satisfies WorkerData, resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB } }));
  try {
    await Promise.all(threads.map((thread) => serve(thread, { seeds, total, options })));
  } finally {
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
  return total;
}

interface Work {
  readonly seeds: { next: number; readonly end: number; readonly schedules: Schedule[] };
  readonly total: Report;
  readonly options: PoolOptions;
}

/** Gives one worker seeds until there are none. */
function serve(thread: Worker, { seeds, total, options }: Work): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  thread.on('error', reject);
  thread.on('exit', () => reject(new Error('A worker of the simulation ended before its work did.')));
  thread.on('message', (message: Report | 'ready') => {
    if (message !== 'ready') {
      total.done += message.done;
      total.simulatedMs += message.simulatedMs;
      total.violations.push(...message.violations);
      options.progress?.(total);
    }
    const over = (seeds.next >= seeds.end && seeds.schedules.length === 0) || (options.stopAtFirst === true && total.violations.length > 0);
    if (over) resolve();
    else if (seeds.schedules.length > 0) thread.postMessage({ seeds: [], schedules: seeds.schedules.splice(0, CHUNK) } satisfies Job, []);
    else {
      const end = Math.min(seeds.next + CHUNK, seeds.end);
      thread.postMessage({ seeds: Array.from({ length: end - seeds.next }, (_, index) => seeds.next + index) } satisfies Job, []);
      seeds.next = end;
    }
  });
  return promise;
}
