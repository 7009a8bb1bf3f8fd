import { parseArgs } from 'node:util';
import { ancestorsUpToNpm, watchOver } from '../supervisor/ancestors.ts';
import { bringUp } from '../stack/bring-up.ts';
import { localConfig } from '../stack/config.ts';
import { waitForFirstWrite } from '../stack/first-write.ts';
import type { Stack } from '../stack/stack.ts';
import { createDisplay } from '../view/display.ts';
import type { Display } from '../view/display.ts';
import { EXIT } from './command.ts';
import type { Command, Invocation } from './command.ts';

/** Who wants the stack to stop, as a signal's abort reason. */
class StopRequest extends Error {
  override name = 'StopRequest';
}

/** Turns signals, and the end of npm, into a request to stop; a second one is answered, not obeyed. */
function stopRequests(display: Display): { readonly signal: AbortSignal; readonly fail: (error: Error) => void; readonly failure: () => Error | undefined } {
  const stop = new AbortController();
  let failure: Error | undefined;
  const request = (why: string): void => {
    if (stop.signal.aborted) display.say('Already stopping, in order; this takes up to half a minute.');
    else stop.abort(new StopRequest(why));
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => request(name));
  const ancestors = ancestorsUpToNpm();
  if (ancestors.length > 0) watchOver(ancestors, () => stop.abort(new StopRequest('npm has ended')));
  // Whoever read our lines may be gone, as npm when it is killed; that is no reason to leave the servers alone.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const fail = (error: Error): void => {
    failure ??= error;
    request(error.message);
  };
  process.on('uncaughtException', fail);
  return { signal: stop.signal, fail, failure: () => failure };
}

async function untilReady(stack: Stack, display: Display, signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  const watching = display.watchStart(stack, over.signal);
  try {
    await waitForFirstWrite(stack.config.httpPort, signal);
    display.ready(stack.ready(), stack.url);
  } finally {
    over.abort();
    await watching;
  }
}

async function start({ dataDir, args }: Invocation): Promise<number> {
  parseArgs({ args: [...args], options: {} });
  const config = localConfig();
  const display = createDisplay(process.stdout);
  const { signal, failure } = stopRequests(display);
  let stack: Stack | undefined;
  try {
    stack = await bringUp({ dataDir, config, progress: display.progress, signal });
    await untilReady(stack, display, signal);
    await display.watch(stack, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    if (stack !== undefined) await stopped(stack, display, (signal.reason as Error | undefined)?.message ?? 'an error');
    display.close();
  }
  const failed = failure();
  if (failed !== undefined) throw failed;
  return EXIT.ok;
}

async function stopped(stack: Stack, display: Display, why: string): Promise<void> {
  stack.say(`stopping: ${why}`);
  const kinds: string[] = [];
  await stack.stop((kind) => {
    kinds.push(kind);
    display.progress.busy('stopping', kinds.join(', '));
  });
  display.progress.done('stopping', 'all has stopped in order');
}

/** `npm start`. */
export const startCommand: Command = { usage: '', summary: 'bring up the whole stack and keep it running until Ctrl-C', run: start };
