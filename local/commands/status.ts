import { parseArgs } from 'node:util';
import { coloured, plain, statusLines } from '../view/table.ts';
import { EXIT, print } from './command.ts';
import type { Command, Invocation } from './command.ts';
import { requireStatus } from './running.ts';

const EVENTS_SHOWN = 10;

async function status({ dataDir, args }: Invocation): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { json: { type: 'boolean', default: false } } });
  const found = await requireStatus(dataDir);
  if (values.json) print(JSON.stringify(found, undefined, 2));
  else for (const line of statusLines(found, { now: Date.now(), events: EVENTS_SHOWN, paint: process.stdout.isTTY ? coloured : plain })) print(line);
  return EXIT.ok;
}

/** `npm run status`. */
export const statusCommand: Command = { usage: '[--json]', summary: 'show a running stack: every process, its role, the last events', run: status };
