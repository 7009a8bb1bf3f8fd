import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { LoadGenerator, LoadOrder, LoadResult } from './generator.ts';
import { answered } from './statements.ts';

/** Loads by autocannon, in a process of its own, so that its work is counted and does not hold up this one. */
export class Autocannon implements LoadGenerator {
  readonly title = 'autocannon';

  async run(order: LoadOrder, signal: AbortSignal): Promise<LoadResult> {
    signal.throwIfAborted();
    const child = fork(join(import.meta.dirname, 'autocannon-process.ts'), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], execArgv: [] });
    return await answered<LoadResult>(child, order, signal);
  }
}
