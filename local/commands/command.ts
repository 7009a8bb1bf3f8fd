/** How a command ended, for the shell. */
export const EXIT = {
  ok: 0,
  /** It could not do what it should. */
  failed: 1,
  /** Wrong arguments or settings. */
  usage: 2,
  /** Nothing runs on this data folder, as of the init scripts' `status`. */
  notRunning: 3,
} as const;

/** What every command is given. */
export interface Invocation {
  /** Absolute path of the data folder. */
  readonly dataDir: string;
  /** Its own arguments, without `--data`. */
  readonly args: readonly string[];
}

/** One command of the CLI. */
export interface Command {
  /** Its arguments, such as `NAME [-f]`; empty for none. */
  readonly usage: string;
  /** One line on what it does. */
  readonly summary: string;
  /** Settles with the exit code; a Problem or UsageError is shown to the user as a sentence. */
  readonly run: (invocation: Invocation) => Promise<number>;
}

/** Arguments that make no sense: a sentence that says which. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** Writes a line for the user. */
export const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** A reader that has seen enough, such as `head`, ends the command without a word. */
export function endWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(EXIT.ok);
  });
}
