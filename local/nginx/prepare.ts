import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { diskProblem } from '../programs/problem.ts';
import { argvOf } from '../programs/program.ts';
import type { Program } from '../programs/program.ts';
import { run } from '../programs/run.ts';
import { nginxConf, omittedModules } from './conf.ts';
import type { NginxSettings, TemporaryUser } from './conf.ts';

/**
 * Asks an nginx which of the modules it lacks that would want a folder.
 * @throws RunError when it cannot be run
 */
export async function modulesLacking(nginx: Program): Promise<readonly TemporaryUser[]> {
  const { stderr } = await run(argvOf(nginx, ['-V']), { env: nginx.env });
  return omittedModules(stderr);
}

/** The user for the worker: root's own when root starts it, since nginx would otherwise take one that may not read the folder. */
export const workerUser = (): { readonly user?: string } => (process.getuid?.() === 0 ? { user: 'root' } : {});

/**
 * Writes the settings of one nginx below its folder.
 * @returns its argument vector
 * @throws Problem when the folder cannot be written
 */
export function prepareNginx(nginx: Program, settings: NginxSettings): readonly string[] {
  const { folder } = settings;
  const file = join(folder, 'nginx.conf');
  try {
    mkdirSync(folder, { recursive: true, mode: 0o750 });
    writeFileSync(file, nginxConf(settings));
  } catch (error) {
    throw diskProblem(error, 'Writing the settings of nginx', folder);
  }
  return argvOf(nginx, ['-e', 'stderr', '-p', folder, '-c', file]);
}
