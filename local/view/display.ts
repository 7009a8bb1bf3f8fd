import { setTimeout as sleep } from 'node:timers/promises';
import type { WriteStream } from 'node:tty';
import type { Stack } from '../stack/stack.ts';
import type { StackStatus } from '../stack/status.ts';
import { plainProgress, ProgressLines } from './progress.ts';
import type { Progress } from './progress.ts';
import { Screen } from './screen.ts';
import { eventLine, statusLines } from './status-lines.ts';
import { coloured } from './table.ts';
import { waitsFor } from './waits-for.ts';

const EVERY_MS = 1000;
const START_EVERY_MS = 200;

/** What a person sees of a stack from its start to its end. */
export interface Display {
  readonly progress: Progress;
  /** One line that stays. */
  readonly say: (line: string) => void;
  /** Shows what is waited for until the signal says that the wait is over. */
  readonly watchStart: (stack: Stack, signal: AbortSignal) => Promise<void>;
  readonly ready: (seconds: number, url: string) => void;
  /** Shows the status until the signal says so. */
  readonly watch: (stack: Stack, signal: AbortSignal) => Promise<void>;
  /** Gives the terminal back. */
  readonly close: () => void;
}

/** Calls again and again, without failing, until the signal says so. */
async function repeat(everyMs: number, signal: AbortSignal, action: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    await action();
    await sleep(everyMs, undefined, { signal }).catch(() => undefined);
  }
}

const readyText = (seconds: number): string => `ready in ${seconds.toFixed(1)} s`;

async function watchStart(stack: Stack, progress: Progress, signal: AbortSignal): Promise<void> {
  await repeat(START_EVERY_MS, signal, async () => {
    const status = await stack.status();
    if (!signal.aborted) progress.busy('waiting', waitsFor(status));
  });
}

/** For files and pipes: lines that stay. */
function plainDisplay(write: (line: string) => void): Display {
  const progress = plainProgress(write, () => performance.now());
  return {
    progress,
    say: write,
    watchStart: (stack, signal) => watchStart(stack, progress, signal),
    ready: (seconds, url) => write(`${readyText(seconds)}: ${url}/api/property`),
    watch: async (stack, signal) => {
      let seen = new Set<string>((await stack.status()).events.map(eventLine));
      await repeat(EVERY_MS, signal, async () => {
        const lines = (await stack.status()).events.map(eventLine);
        for (const line of lines) if (!seen.has(line)) write(line);
        seen = new Set(lines);
      });
    },
    close: () => {},
  };
}

/** For terminals: drawn in place. */
function liveDisplay(terminal: WriteStream): Display {
  const screen = new Screen(terminal);
  const progress: ProgressLines = new ProgressLines(() => screen.draw(progress.lines(coloured)));
  const drawStatus = (status: StackStatus): void => {
    screen.draw(statusLines(status, { now: Date.now(), columns: screen.columns, rows: screen.rows, events: screen.rows, paint: coloured }));
  };
  return {
    progress,
    say: (line) => {
      screen.draw([line]);
      screen.keep();
    },
    watchStart: (stack, signal) => watchStart(stack, progress, signal),
    ready: (seconds) => {
      progress.done('waiting', readyText(seconds));
      progress.clear();
      screen.keep();
      screen.draw(['']);
      screen.keep();
    },
    watch: (stack, signal) =>
      repeat(EVERY_MS, signal, async () => {
        const status = await stack.status();
        if (!signal.aborted) drawStatus(status);
      }).finally(() => screen.keep()),
    close: () => screen.close(),
  };
}

/** Live on a terminal, plain lines elsewhere. */
export function createDisplay(output: NodeJS.WriteStream): Display {
  if (output.isTTY) return liveDisplay(output);
  return plainDisplay((line) => output.write(`${line}\n`));
}
