import { podNames, SECRET, WORKLOADS } from '../../../common/kubernetes.ts';
import { primaryOf } from '../../stack/table.ts';
import { until } from '../../stack/wait.ts';
import { podsOf, type Pod } from '../cluster/objects.ts';
import type { ClusterStage } from '../stage.ts';

/** Somebody that a fault can hit. */
export interface Role {
  /** As the drills' names have it, such as `mysql-primary`. */
  readonly name: string;
  /** The container that counts, and how the first word of its server's command line looks, as a pattern of the shell. */
  readonly container: string;
  readonly process: string;
  /** Who has the role now. */
  readonly choose: (stage: ClusterStage) => Promise<Pod>;
}

/** Everybody that is there more than once, or has a part that another one takes over. */
export const ROLES: readonly Role[] = [
  { name: 'mysql-primary', container: 'mysql', process: 'mysqld|*/mysqld', choose: async (stage) => await stage.stack.pod(await primaryOf(stage.stack, stage.signal), stage.signal) },
  { name: 'mysql-replica', container: 'mysql', process: 'mysqld|*/mysqld', choose: replica },
  { name: 'redis-master', container: 'redis', process: '*redis-server*:6379*', choose: async (stage) => await stage.stack.pod(await redisMaster(stage), stage.signal) },
  { name: 'sentinel', container: 'sentinel', process: '*redis*:26379*', choose: sentinel },
  { name: 'web', container: 'web', process: 'node|*/node', choose: (stage) => firstOf(stage, WORKLOADS.web) },
  { name: 'edge', container: 'edge', process: 'nginx:*', choose: (stage) => firstOf(stage, WORKLOADS.edge) },
  { name: 'operator-leader', container: 'operator', process: 'node|*/node', choose: async (stage) => (await leaderOf(stage)).pod },
];

/** A role by its name. */
export function role(name: string): Role {
  const found = ROLES.find((one) => one.name === name);
  if (found === undefined) throw new Error(`There is no role ${name}.`);
  return found;
}

/** The operator that acts. */
export async function leaderOf({ stack, signal }: ClusterStage) {
  return await until({ what: 'An operator that acts', boundMs: 20_000, everyMs: 200, signal }, () => stack.leader(signal));
}

/** A member that is not the primary. */
async function replica({ stack, signal }: ClusterStage): Promise<Pod> {
  const primary = await primaryOf(stack, signal);
  const found = podsOf(await stack.pods(signal), WORKLOADS.mysql).find((pod) => pod.metadata.name !== primary);
  if (found === undefined) throw new Error('The stack has no replica.');
  return found;
}

/** The Sentinel beside a Redis that is not the master. */
async function sentinel(stage: ClusterStage): Promise<Pod> {
  const master = await redisMaster(stage);
  const name = podNames('redis').find((one) => one !== master) ?? '';
  return await stage.stack.pod(name, stage.signal);
}

async function firstOf({ stack, signal }: ClusterStage, component: string): Promise<Pod> {
  const [first] = podsOf(await stack.pods(signal), component);
  if (first === undefined) throw new Error(`The stack has no ${component}.`);
  return first;
}

// The password comes over standard input: command lines can be read by others.
const ASK_ROLE = 'read -r REDISCLI_AUTH; export REDISCLI_AUTH; exec redis-cli info replication';

/**
 * The Redis that calls itself the master and has replicas: an old one that just came back has none.
 * @throws Error when there is none, or more than one
 */
export async function redisMaster({ stack, signal }: ClusterStage): Promise<string> {
  const answers = await Promise.all(podNames('redis').map(async (pod) => {
    const text = await stack.kubectl.exec({ pod, container: 'redis' }, ASK_ROLE, { signal, input: `${stack.password(SECRET.redis)}\n` }).catch(() => '');
    return { pod, master: /^role:master\s/m.test(text) && /^connected_slaves:[1-9]/m.test(text) };
  }));
  const [master, second] = answers.filter((one) => one.master);
  if (master === undefined || second !== undefined) throw new Error('There is not exactly one Redis master with replicas.');
  return master.pod;
}
