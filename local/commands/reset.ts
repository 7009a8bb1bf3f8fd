import { existsSync, rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { diskProblem, Problem } from '../programs/problem.ts';
import { refuseSecond } from '../stack/bring-up.ts';
import { isDataFolder } from '../stack/data-folder.ts';
import { EXIT, print } from './command.ts';
import type { Command, Invocation } from './command.ts';
import { isConfirmed } from './confirm.ts';
import { leftoversOn } from './running.ts';

function refuseLeftovers(dataDir: string): void {
  const left = leftoversOn(dataDir);
  if (left.length > 0) throw new Problem(`${left.join(', ')} of a killed supervisor still run on ${dataDir}: end them with npm stop first.`);
}

async function reset({ dataDir, args }: Invocation): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { yes: { type: 'boolean', short: 'y', default: false } } });
  if (!existsSync(dataDir)) {
    print(`There is nothing in ${dataDir}.`);
    return EXIT.ok;
  }
  if (!isDataFolder(dataDir)) throw new Problem(`${dataDir} is no data folder of holdfast: delete it yourself if you mean it.`);
  refuseSecond(dataDir);
  refuseLeftovers(dataDir);
  if (!values.yes && !(await isConfirmed(`This deletes all data in ${dataDir}.`, 'npm run reset -- --yes'))) {
    print('Nothing was deleted.');
    return EXIT.failed;
  }
  try {
    rmSync(dataDir, { recursive: true, maxRetries: 3 });
  } catch (error) {
    throw diskProblem(error, 'Deleting the data', dataDir);
  }
  print(`${dataDir} is deleted; the next npm start begins anew.`);
  return EXIT.ok;
}

/** `npm run reset`. */
export const resetCommand: Command = { usage: '[--yes]', summary: 'delete all data of a stopped stack', run: reset };
