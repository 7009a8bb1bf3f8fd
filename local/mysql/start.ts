import { rmSync, writeFileSync } from 'node:fs';
import { diskProblem } from '../programs/problem.ts';
import { argvOf } from '../programs/program.ts';
import type { Program } from '../programs/program.ts';
import { keepBinlogs } from './binlogs.ts';
import type { KeptBinlogs } from './binlogs.ts';
import { cloneIsWhole, firstStart, settleMark } from './clone.ts';
import type { MemberFolder } from './folder.ts';
import { renewIdentity, serverUuid } from './identity.ts';
import { checkVersion } from './initialise.ts';
import { renderSettings } from './settings.ts';
import type { MemberSettings } from './settings.ts';

/** After CLONE and RESTART mysqld ends with this code and expects to be started again. */
export const RESTART_CODE = 16;

/** What {@link prepareMember} needs. */
export interface MemberStart {
  readonly mysqld: Program;
  readonly folder: MemberFolder;
  readonly settings: MemberSettings;
  /** Process that starts mysqld again when it ends by itself, as it does after CLONE and RESTART. */
  readonly supervisorPid: number;
}

/** How to start the member now. */
export interface PreparedMember {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly binlogs: KeptBinlogs;
  /** Its data was replaced or removed since its last start, and it got a new `server_uuid`. */
  readonly reseeded: boolean;
  /** This is the first start after a CLONE: nobody can reach the member, and it ends by itself and asks to be started again. */
  readonly endsByItself: boolean;
}

/**
 * Does what must be done before each start of a member whose mysqld is not running: settings, the binlogs' hard links, a
 * new identity after a re-seed, and the socket's lock, which a killed mysqld leaves behind and the next one would believe
 * when that pid is in use again. May be called again when it was broken off; {@link initialiseMember} comes before it.
 * @throws Problem when the data is of another MySQL series, the folder cannot be written, or the disk is full
 */
export function prepareMember({ mysqld, folder, settings, supervisorPid }: MemberStart): PreparedMember {
  checkVersion(folder, mysqld.version);
  try {
    writeFileSync(folder.settings, renderSettings(settings, process.getuid?.()), { mode: 0o600 });
    for (const left of [folder.socket, `${folder.socket}.lock`]) rmSync(left, { force: true });
    const whole = cloneIsWhole(folder);
    const reseeded = renewIdentity(folder);
    const binlogs = keepBinlogs(folder, serverUuid(folder) ?? '', Date.now());
    if (whole) rmSync(folder.brokenOff, { recursive: true, force: true });
    const more = whole ? firstStart(folder) : [];
    settleMark(folder);
    const argv = argvOf(mysqld, [`--defaults-file=${folder.settings}`, `--datadir=${folder.data}`, ...more]);
    return { argv, env: { ...mysqld.env, MYSQLD_PARENT_PID: String(supervisorPid) }, binlogs, reseeded, endsByItself: whole };
  } catch (error) {
    throw diskProblem(error, 'Preparing the start of a MySQL member', folder.root);
  }
}
