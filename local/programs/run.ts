import { spawn } from 'node:child_process';

/** What a program wrote before it ended with 0. */
export interface Output {
  readonly stdout: string;
  readonly stderr: string;
}

/** How to start a program; all optional. */
export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Text for its standard input; without it that is empty. */
  readonly input?: string;
}

/** A program that could not be started or ended with another code than 0. */
export class RunError extends Error {
  override name = 'RunError';
  /** Its standard error, then its standard output. */
  readonly output: string;
  constructor(message: string, output: string, options?: ErrorOptions) {
    super(message, options);
    this.output = output;
  }
}

/**
 * Runs a program to its end.
 * @param argv program and arguments
 * @throws RunError when it cannot be started, does not end with 0, or the signal stops it (SIGTERM)
 */
export function run(argv: readonly string[], options: RunOptions = {}): Promise<Output> {
  const [program = '', ...args] = argv;
  const { cwd, env, signal, input = '' } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: 'pipe',
      env: { ...process.env, LC_ALL: 'C', ...env },
      ...(cwd === undefined ? {} : { cwd }),
      ...(signal === undefined ? {} : { signal }),
    });
    const output = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
    child.on('error', (error) => reject(new RunError(`Running ${program} failed: ${error.message}`, '', { cause: error })));
    child.on('close', (code, ended) => {
      if (code === 0) resolve(output);
      else reject(new RunError(`${argv.join(' ')} ended with ${ended ?? code}: ${lastLines(output.stderr)}`, output.stderr + output.stdout));
    });
    child.stdin.on('error', () => undefined).end(input);
  });
}

const lastLines = (text: string): string => text.trim().split('\n').slice(-3).join(' / ');
