import { parseArgs } from 'node:util';
import { statusLines } from '../view/status-lines.ts';
import type { Shown } from '../view/status-lines.ts';
import { usableColumns } from '../view/screen.ts';
import { coloured, plain } from '../view/table.ts';
import { EXIT, print } from './command.ts';
import type { Command, Invocation } from './command.ts';
import { requireStatus } from './running.ts';

const EVENTS_SHOWN = 10;

/** A file's lines may be as long as they are; a terminal's are broken where words end. */
function widthAndColours(): Pick<Shown, 'columns' | 'paint'> {
  const { isTTY, columns } = process.stdout;
  return isTTY ? { columns: usableColumns(columns), paint: coloured } : { columns: Infinity, paint: plain };
}

async function status({ dataDir, args }: Invocation): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { json: { type: 'boolean', default: false } } });
  const found = await requireStatus(dataDir);
  if (values.json) print(JSON.stringify(found, undefined, 2));
  else for (const line of statusLines(found, { now: Date.now(), rows: Infinity, events: EVENTS_SHOWN, ...widthAndColours() })) print(line);
  return EXIT.ok;
}

/** `npm run status`. */
export const statusCommand: Command = { usage: '[--json]', summary: 'show a running stack: every process, its role, the last events', run: status };
