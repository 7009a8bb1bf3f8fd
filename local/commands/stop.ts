import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Problem } from '../programs/problem.ts';
import { endLeft } from '../stack/bring-up.ts';
import { pathsIn } from '../stack/layout.ts';
import { readSecrets } from '../stack/secrets.ts';
import { isAlive, signalProcess } from '../supervisor/identity.ts';
import { readRecord } from '../supervisor/record.ts';
import { plainProgress } from '../view/progress.ts';
import { EXIT, print } from './command.ts';
import type { Command, Invocation } from './command.ts';
import { notRunning } from './running.ts';

/** Longer than all time limits of an ordered stop together. */
const LIMIT_MS = 90_000;
const LOOK_EVERY_MS = 100;

async function stop({ dataDir, args }: Invocation): Promise<number> {
  parseArgs({ args: [...args], options: {} });
  const record = readRecord(pathsIn(dataDir).record);
  if (record === undefined) {
    print(notRunning(dataDir));
    return EXIT.ok;
  }
  const { supervisor } = record;
  if (!isAlive(supervisor)) {
    await endLeft(dataDir, readSecrets(pathsIn(dataDir).secrets), plainProgress(print, () => performance.now()));
    print('The supervisor was killed before; what it left has been ended.');
    return EXIT.ok;
  }
  signalProcess(supervisor.pid, 'SIGTERM');
  const deadline = performance.now() + LIMIT_MS;
  while (isAlive(supervisor)) {
    if (performance.now() > deadline) throw new Problem(`The supervisor (pid ${supervisor.pid}) has not stopped within ${LIMIT_MS / 1000} s: kill it with -9; the next npm start or npm stop ends what it leaves.`);
    await sleep(LOOK_EVERY_MS);
  }
  print('All has stopped in order.');
  return EXIT.ok;
}

/** `npm stop`. */
export const stopCommand: Command = { usage: '', summary: 'stop a running stack in order', run: stop };
