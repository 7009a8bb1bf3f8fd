import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { LoadGenerator, LoadOrder, LoadResult } from './generator.ts';

/** Loads by autocannon, in a process of its own, so that its work is counted and does not hold up this one. */
export class Autocannon implements LoadGenerator {
  readonly title = 'autocannon';

  async run(order: LoadOrder, signal: AbortSignal): Promise<LoadResult> {
    signal.throwIfAborted();
    const child = fork(join(import.meta.dirname, 'autocannon-process.ts'), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], execArgv: [] });
    const stop = (): void => void child.kill('SIGKILL');
    signal.addEventListener('abort', stop, { once: true });
    try {
      const exited = once(child, 'exit');
      let result: LoadResult | undefined;
      child.once('message', (message) => (result = message as LoadResult));
      child.send(order);
      await exited;
      signal.throwIfAborted();
      if (result === undefined) throw new Error(`autocannon ended with ${child.exitCode ?? child.signalCode} before it gave a result: see above.`);
      return result;
    } finally {
      signal.removeEventListener('abort', stop);
      stop();
    }
  }
}
