import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Endpoint } from '../../common/members.ts';
import { diskProblem } from '../programs/problem.ts';
import { argvOf } from '../programs/program.ts';
import type { Program } from '../programs/program.ts';
import { currentMaster } from './master.ts';
import { renderRedis, renderSentinel } from './settings.ts';
import type { RedisSettings, SentinelSettings } from './settings.ts';

/** What {@link prepareRedis} needs. */
export interface RedisStart {
  readonly redisServer: Program;
  /** Absolute path of its own folder; made when missing. */
  readonly folder: string;
  readonly self: Endpoint;
  readonly settings: Omit<RedisSettings, 'port' | 'replicaOf'>;
  readonly sentinels: readonly Endpoint[];
  /** Who is master when no Sentinel says otherwise, as at the first start. */
  readonly firstMaster: Endpoint;
}

/**
 * Does what must be done before each start of a Redis server, and gives the argument vector. The Sentinels are asked who
 * the master is: one that was replaced while it was down comes back as a replica, not as a second master.
 * @throws Problem when the folder cannot be written or the disk is full
 */
export async function prepareRedis({ redisServer, folder, self, settings, sentinels, firstMaster }: RedisStart): Promise<readonly string[]> {
  const master = (await currentMaster(sentinels)) ?? firstMaster;
  const isMaster = master.host === self.host && master.port === self.port;
  const file = join(folder, 'redis.conf');
  return attempt('Preparing a Redis server', folder, () => {
    rmSync(join(folder, 'dump.rdb'), { force: true });
    writeFileSync(file, `${renderRedis({ ...settings, port: self.port, ...(isMaster ? {} : { replicaOf: master }) })}dir ${JSON.stringify(folder)}\n`, { mode: 0o600 });
    return argvOf(redisServer, [file]);
  });
}

/** What {@link prepareSentinel} needs. */
export interface SentinelStart {
  readonly redisServer: Program;
  /** Absolute path of its own folder; made when missing. */
  readonly folder: string;
  readonly settings: SentinelSettings;
}

/**
 * Gives the argument vector of a Sentinel. Its file is written only when it has none: what it knows of the master and the
 * epochs is in there.
 * @throws Problem when the folder cannot be written or the disk is full
 */
export function prepareSentinel({ redisServer, folder, settings }: SentinelStart): readonly string[] {
  const file = join(folder, 'sentinel.conf');
  return attempt('Preparing a Sentinel', folder, () => {
    if (!existsSync(file)) writeFileSync(file, `${renderSentinel(settings)}dir ${JSON.stringify(folder)}\n`, { mode: 0o600 });
    return argvOf(redisServer, [file, '--sentinel']);
  });
}

/** Makes a Sentinel forget everything, for a start of the whole stack: all Redis servers are empty then and the first is master. */
export function forgetSentinel(folder: string): void {
  rmSync(join(folder, 'sentinel.conf'), { force: true });
}

function attempt<T>(operation: string, folder: string, action: () => T): T {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return action();
  } catch (error) {
    throw diskProblem(error, operation, folder);
  }
}
