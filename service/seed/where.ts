import { type MemberAddress, parseMembers } from '../../common/members.ts';
import { membersFrom, pathsIn } from '../../local/stack/layout.ts';
import { readSecrets } from '../../local/stack/secrets.ts';
import { notRunning, runningStatus } from '../../local/commands/running.ts';

/** Where to write, and with which password. */
export interface Destination {
  readonly members: readonly MemberAddress[];
  readonly password: string;
}

/** What a person must do before there is anything to fill. */
export class NoDestination extends Error {
  override name = 'NoDestination';
}

/**
 * The members that the environment names, as it does where the service runs; else those of the stack on this machine.
 * @param dataDir the stack's data folder
 * @throws NoDestination when it does not run, Error when a setting is wrong
 */
export async function findDestination(dataDir: string, env: Readonly<Record<string, string | undefined>>): Promise<Destination> {
  const { MYSQL_MEMBERS: members, MYSQL_SERVICE_PASSWORD: password } = env;
  if (members !== undefined && password !== undefined) return { members: parseMembers(members), password };
  const status = await runningStatus(dataDir);
  if (status === undefined) throw new NoDestination(notRunning(dataDir));
  return { members: membersFrom(status.basePort), password: readSecrets(pathsIn(dataDir).secrets).mysql.service };
}
