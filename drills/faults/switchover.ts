import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Fault } from './fault.ts';
import { Sequence } from './sequence.ts';
import { primary, primaryMoved } from './victim.ts';

const COMMAND_BOUND_MS = 30_000;

/** A person asks for another primary, with the command that is made for it. */
export const switchover: Fault = async (stage) => {
  const steps = new Sequence(stage.now);
  const old = await primary(stage);
  steps.did(`npm run switchover, with ${old.name} as the primary.`);
  const run = promisify(execFile)(process.execPath, [join(import.meta.dirname, '../../local/main.ts'), 'switchover', '--data', stage.stack.dataDir], {
    signal: stage.signal, timeout: COMMAND_BOUND_MS,
  });
  steps.saw(await primaryMoved(stage, old));
  const { stdout } = await run;
  steps.saw(`It said: ${stdout.trim()}`);
  return steps.damage();
};
