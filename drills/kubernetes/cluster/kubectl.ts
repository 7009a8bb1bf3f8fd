import { spawn, type ChildProcess } from 'node:child_process';
import { Problem } from '../../../local/programs/problem.ts';

/** How a command is run. */
export interface RunOptions {
  /** Ends it when aborted. */
  readonly signal: AbortSignal;
  /** Ends it after so many milliseconds; default {@link COMMAND_MS}. */
  readonly limitMs?: number;
  /** Given to its standard input; default: nothing. */
  readonly input?: string;
}

/** Nothing that a drill asks of kubectl takes longer, unless it says so. */
const COMMAND_MS = 30_000;

/** kubectl with the current context, in one namespace. */
export class Kubectl {
  readonly namespace: string;

  constructor(namespace: string) {
    this.namespace = namespace;
  }

  /**
   * Runs one command in the namespace.
   * @param args what follows `kubectl -n NAMESPACE`
   * @returns what it printed
   * @throws Error with what it said on its standard error
   */
  run(args: readonly string[], options: RunOptions): Promise<string> {
    return runProgram(['kubectl', '-n', this.namespace, ...args], options);
  }

  /** Starts a command that goes on until it is killed. */
  start(args: readonly string[]): ChildProcess {
    return spawn('kubectl', ['-n', this.namespace, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  }

  /**
   * Runs a script with the shell of a container.
   * @param where pod and container
   * @param script for sh; its own arguments are the options' `args`
   * @throws Error with what it said on its standard error
   */
  exec(where: { readonly pod: string; readonly container: string }, script: string, options: RunOptions & { readonly args?: readonly string[] }): Promise<string> {
    const { args = [], ...rest } = options;
    return this.run(['exec', ...(options.input === undefined ? [] : ['-i']), where.pod, '-c', where.container, '--', 'sh', '-c', script, 'sh', ...args], rest);
  }
}

/**
 * Runs a program and waits for its end.
 * @throws Problem when there is no such program; Error with the end of its standard error when it failed
 */
export async function runProgram([program = '', ...args]: readonly string[], { signal, limitMs = COMMAND_MS, input }: RunOptions): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const limit = AbortSignal.timeout(limitMs);
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], signal: AbortSignal.any([signal, limit]), killSignal: 'SIGKILL' });
  const printed = { out: '', err: '' };
  child.stdout.on('data', (chunk) => { printed.out += String(chunk); });
  child.stderr.on('data', (chunk) => { printed.err += String(chunk); });
  // Whoever reads no input closes it early.
  child.stdin.on('error', () => undefined).end(input ?? '');
  child.once('error', (error: Error & { code?: string }) => reject(failure([program, ...args], error, limit.aborted ? `no end within ${limitMs} ms` : printed.err)));
  child.once('close', (code, killed) => {
    if (code === 0) resolve(printed.out);
    else reject(failure([program, ...args], undefined, printed.err === '' ? `exit code ${code ?? killed ?? ''}` : printed.err));
  });
  return await promise;
}

function failure(command: readonly string[], cause: (Error & { code?: string }) | undefined, said: string): Error {
  if (cause?.code === 'ENOENT') return new Problem(`${command[0] ?? ''} is not on PATH: install it first.`, { cause });
  return new Error(`${command.join(' ').slice(0, 300)} failed: ${said.trim().split('\n').slice(-5).join(' ') || (cause?.message ?? '')}`, cause === undefined ? {} : { cause });
}
