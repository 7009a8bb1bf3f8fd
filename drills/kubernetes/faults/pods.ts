import { Sequence } from '../../faults/sequence.ts';
import { componentOf, type Pod } from '../cluster/objects.ts';
import type { Damage } from '../../verdict/judge.ts';
import type { ClusterFault, ClusterStage } from '../stage.ts';
import { killServer, pidOf } from './processes.ts';
import { containerRestarted, leaderMoved, masterFollowed, podReplaced, primaryMoved } from './proofs.ts';
import type { Role } from './victims.ts';

/** How a pod is deleted. */
export type Deletion = 'in order' | 'by force';

/** What is said to kubectl beside `delete pod NAME`. */
const DELETION: Readonly<Record<Deletion, readonly string[]>> = {
  'in order': ['--wait=false'],
  'by force': ['--wait=false', '--grace-period=0', '--force'],
};

/** A person deletes the pod of whoever has a role. */
export const podDelete = (role: Role, deletion: Deletion): ClusterFault => async (stage) => {
  const { stack, signal } = stage;
  const steps = new Sequence(stage.now);
  const victim = await role.choose(stage);
  const before = await stack.pods(signal);
  const { name, uid } = victim.metadata;
  const command = ['delete', 'pod', name, ...DELETION[deletion]];
  steps.did(`kubectl ${command.join(' ')} (${role.name}, ${uid})`);
  await stack.kubectl.run(command, { signal });
  steps.saw(await roleMoved(stage, role, victim));
  steps.saw(await podReplaced(stage, victim, before));
  return damageOf(stage, steps.damage(), victim);
};

/** The server of whoever has a role gets SIGKILL, inside its container. */
export const containerKill = (role: Role): ClusterFault => async (stage) => {
  const steps = new Sequence(stage.now);
  const victim = await role.choose(stage);
  const pids = await pidOf(stage, victim, role);
  steps.did(`kill -9 of ${role.name} in ${victim.metadata.name} (process ${pids} of its container)`);
  await killServer(stage, victim, role);
  steps.saw(await roleMoved(stage, role, victim));
  steps.saw(await runsAgain(stage, victim, role, pids));
  return damageOf(stage, steps.damage(), victim);
};

/** What shows that another one has the role now; of roles that any number have, nothing. */
export async function roleMoved(stage: ClusterStage, role: Role, victim: Pod): Promise<string> {
  switch (role.name) {
    case 'mysql-primary': return await primaryMoved(stage, victim.metadata.name);
    case 'operator-leader': return await leaderMoved(stage, victim);
    case 'redis-master': return await masterFollowed(stage);
    default: return `${victim.metadata.name} was one of several.`;
  }
}

/** mysqld is started again in its container, by its loop; every other server with its container. */
async function runsAgain(stage: ClusterStage, victim: Pod, role: Role, before: string): Promise<string> {
  if (componentOf(victim) !== 'mysql') return await containerRestarted(stage, victim, role.container);
  const now = await pidOf(stage, victim, role, before);
  return `mysqld of ${victim.metadata.name} runs again, as process ${now} instead of ${before}.`;
}

/** A fault of a pod of the edge costs the connections that lead into it, until another one has its place. */
function damageOf(stage: ClusterStage, damage: Damage, victim: Pod): Damage {
  const addresses = componentOf(victim) === 'edge' ? stage.stack.addressesOf(victim.spec.nodeName) : new Set<string>();
  return { ...damage, heldAddresses: { addresses, untilMs: stage.now() } };
}
