import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { checkPorts } from '../stack/free-ports.ts';
import type { LocalConfig } from '../stack/config.ts';

const MAIN = join(import.meta.dirname, '../main.ts');

/** How a command of the CLI ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command of the CLI that runs. */
export interface RunningCli {
  readonly child: ChildProcess;
  /** All that it has written to its standard output so far. */
  readonly output: () => string;
  readonly ended: Promise<Ended>;
}

/** Settings as the environment has them. */
export const asEnvironment = ({ httpPort, basePort }: LocalConfig): Record<string, string> => ({ PORT: String(httpPort), HOLDFAST_BASE_PORT: String(basePort) });

/**
 * Starts a command of the CLI, in a process group of its own.
 * @param env over this process's
 */
export function startCli(args: readonly string[], env: Readonly<Record<string, string>> = {}): RunningCli {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env }, detached: true });
  const texts = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (texts.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (texts.stderr += text));
  const ended = once(child, 'close').then(() => ({ code: child.exitCode, ...texts }));
  return { child, output: () => texts.stdout, ended };
}

/** Runs a command of the CLI to its end. */
export const runCli = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> => startCli(args, env).ended;

/** Settings whose ports are all free at the moment. */
export async function freeConfig(): Promise<LocalConfig> {
  for (let tries = 0; tries < 100; tries += 1) {
    const basePort = 20_000 + 100 * Math.floor(Math.random() * 120);
    const config = { httpPort: basePort + 95, basePort, edgeCacheSeconds: 1 };
    const isFree = await checkPorts(config).then(() => true, () => false);
    if (isFree) return config;
  }
  throw new Error('Finding free ports for a stack failed: end what listens between 20000 and 32000.');
}
