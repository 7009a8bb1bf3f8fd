import { until } from '../../stack/wait.ts';
import type { Pod } from '../cluster/objects.ts';
import type { ClusterStage } from '../stage.ts';
import type { Role } from './victims.ts';

/**
 * For the shell of a container that has neither ps nor pkill: collects in $found the processes that it sees whose command
 * line begins as the pattern says.
 */
const find = (pattern: string): string => `found=
for one in /proc/[0-9]*; do
  first=$(tr '\\0' '\\n' <"$one/cmdline" 2>/dev/null | head -n 1)
  case $first in ${pattern}) found="$found \${one#/proc/}" ;; esac
done
[ -n "$found" ] || { echo 'No such process runs here.' >&2; exit 1; }
`;

/** Prints the processes. */
export const findScript = (pattern: string): string => `${find(pattern)}echo $found`;

/** Kills the processes at once. */
export const killScript = (pattern: string): string => `${find(pattern)}kill -9 $found`;

/** Kills the processes after so many seconds, when whoever asked for it may be cut off: kubectl ends at once. */
export const delayedKillScript = (pattern: string, afterS: number): string =>
  `${find(pattern)}(sleep ${afterS}; kill -9 $found) </dev/null >/dev/null 2>&1 &`;

const START_MS = 60_000;

/**
 * The server's processes as its container sees them: the same text as long as none was started again.
 * @param other waits until the text is another one than this
 */
export async function pidOf({ stack, signal }: ClusterStage, victim: Pod, role: Role, other = ''): Promise<string> {
  const where = { pod: victim.metadata.name, container: role.container };
  return await until({ what: `A running ${role.container} in ${where.pod}`, boundMs: START_MS, everyMs: 250, signal }, async () => {
    const pids = (await stack.kubectl.exec(where, findScript(role.process), { signal })).trim();
    return pids === '' || pids === other ? null : pids;
  });
}

/** SIGKILL to the server's processes. */
export async function killServer({ stack, signal }: ClusterStage, victim: Pod, role: Role): Promise<void> {
  await stack.kubectl.exec({ pod: victim.metadata.name, container: role.container }, killScript(role.process), { signal });
}
