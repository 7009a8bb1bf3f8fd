import { modulesLacking } from '../nginx/prepare.ts';
import { Problem } from '../programs/problem.ts';
import { findPrograms } from '../programs/programs.ts';
import type { Programs } from '../programs/programs.ts';
import { forgetSentinel } from '../redis/start.ts';
import { readRecord, removeRecord, runningRecord } from '../supervisor/record.ts';
import { endLeftovers } from '../supervisor/leftovers.ts';
import type { HowToStop } from '../supervisor/leftovers.ts';
import type { Progress } from '../view/progress.ts';
import type { LocalConfig } from './config.ts';
import { openDataFolder } from './data-folder.ts';
import { CACHE_DIR } from './environment.ts';
import { checkPorts, holdPort } from './free-ports.ts';
import { baseOf, numbered, pathsIn } from './layout.ts';
import { initialiseMembers } from './members.ts';
import { readSecrets } from './secrets.ts';
import type { Secrets } from './secrets.ts';
import { askToStopMysql, stackSpecs } from './specs.ts';
import { Stack } from './stack.ts';

/** What {@link bringUp} needs. */
export interface BringUp {
  /** Absolute path. */
  readonly dataDir: string;
  readonly config: LocalConfig;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/**
 * Refuses a second supervisor on a data folder.
 * @throws Problem
 */
export function refuseSecond(dataDir: string): void {
  const running = runningRecord(pathsIn(dataDir).record);
  if (running === undefined) return;
  throw new Problem(`A stack runs on ${dataDir} already (pid ${running.supervisor.pid}): look at it with npm run status, or end it with npm stop.`);
}

/**
 * Ends what a supervisor that was killed left running on a data folder.
 * @returns how many processes that were
 */
export async function endLeft(dataDir: string, secrets: Secrets, progress: Progress): Promise<number> {
  const { record: path } = pathsIn(dataDir);
  const record = readRecord(path);
  if (record === undefined) return 0;
  const basePort = baseOf(record.statusPort);
  const how = (name: string): HowToStop => {
    const index = numbered('mysql').find((member) => member.name === name)?.index;
    return index === undefined ? {} : { askToStop: askToStopMysql(basePort, secrets, index), stopLimitMs: 20_000 };
  };
  let count = 0;
  await endLeftovers(record.processes, how, ({ name }) => {
    count += 1;
    progress.busy('cleaning up', `ending ${name}, left by a supervisor that was killed`);
  });
  removeRecord(path);
  if (count > 0) progress.done('cleaning up', `${count} processes of a killed supervisor ended`);
  return count;
}

async function programs({ progress, signal }: BringUp): Promise<Programs> {
  progress.busy('programs', 'looking for MySQL, Redis and nginx');
  const report = ({ text, doneBytes, totalBytes }: { text: string; doneBytes?: number; totalBytes?: number }): void => {
    const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);
    progress.busy('programs', doneBytes === undefined || totalBytes === undefined ? text : `${text} (${megabytes(doneBytes)} of ${megabytes(totalBytes)} MB)`);
  };
  const found = await findPrograms({ cacheDir: CACHE_DIR, report, signal });
  progress.done('programs', `MySQL ${found.mysqld.version}, Redis ${found.redisServer.version}, nginx ${found.nginx.version}`);
  return found;
}

/**
 * Starts a stack: whatever can go wrong before its processes run is thrown, and leaves nothing running.
 * @throws Problem, or the signal's reason
 */
export async function bringUp(options: BringUp): Promise<Stack> {
  const { dataDir, config, progress, signal } = options;
  refuseSecond(dataDir);
  openDataFolder(dataDir);
  const secrets = readSecrets(pathsIn(dataDir).secrets);
  await endLeft(dataDir, secrets, progress);
  signal.throwIfAborted();
  await checkPorts(config);
  const release = await holdPort(config.httpPort);
  const stack = new Stack(config, dataDir, secrets);
  try {
    await stack.open();
    const found = await programs(options);
    const nginxLacks = await modulesLacking(found.nginx);
    await initialiseMembers({ dataDir, mysqld: found.mysqld, passwords: secrets.mysql, progress, signal });
    signal.throwIfAborted();
    // All of Redis is empty when the whole stack starts: nobody's memory of an older master counts.
    for (const { name } of numbered('sentinel')) forgetSentinel(pathsIn(dataDir).process(name));
    await release();
    stack.start(stackSpecs({ dataDir, config, secrets, programs: found, nginxLacks }));
    return stack;
  } catch (error) {
    await release();
    await stack.stop(() => {});
    throw error;
  }
}
