import { parseArgs } from 'node:util';
import { Problem } from '../programs/problem.ts';
import { measureFootprint } from '../stack/footprint.ts';
import { EXIT, print, UsageError } from './command.ts';
import type { Command, Invocation } from './command.ts';
import { requireRunning, requireStatus } from './running.ts';

const DEFAULT_SECONDS = 10;
const MEBI = 1024 * 1024;

async function footprint({ dataDir, args }: Invocation): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { seconds: { type: 'string', default: String(DEFAULT_SECONDS) } } });
  const seconds = Number(values.seconds);
  if (!(seconds >= 1 && seconds <= 600)) throw new UsageError(`--seconds ${values.seconds} is not from 1 to 600`);
  if (process.platform !== 'linux') throw new Problem('Memory shared between processes can only be divided on Linux: npm run footprint does not work here.');
  const { supervisor } = requireRunning(dataDir);
  const { processes } = await requireStatus(dataDir);
  const groups = processes.flatMap(({ name, kind, pid }) => (pid === null ? [] : [{ name, kind, pid }]));
  const measured = await measureFootprint([...groups, { name: 'supervisor', kind: 'supervisor', pid: supervisor.pid }], seconds * 1000);
  const line = (name: string, bytes: number, cpu: number): string => `${name.padEnd(12)} ${(bytes / MEBI).toFixed(0).padStart(6)} MiB ${(cpu * 100).toFixed(1).padStart(7)} % of a core`;
  for (const { name, pssBytes, cpu } of measured) print(line(name, pssBytes, cpu));
  print(line('all', measured.reduce((total, { pssBytes }) => total + pssBytes, 0), measured.reduce((total, { cpu }) => total + cpu, 0)));
  return EXIT.ok;
}

/** `npm run footprint`. */
export const footprintCommand: Command = { usage: '[--seconds N]', summary: 'memory (PSS) and CPU of every process of a running stack', run: footprint };
