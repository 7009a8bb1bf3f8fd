import { setTimeout as sleep } from 'node:timers/promises';
import { APP, LABELS, WORKLOADS } from '../../../common/kubernetes.ts';
import { Sequence } from '../../faults/sequence.ts';
import { until } from '../../stack/wait.ts';
import { demand, runCommand } from '../cluster/commands.ts';
import { has, isOver, podsOf, startsOf } from '../cluster/objects.ts';
import type { ClusterFault, ClusterStage } from '../stage.ts';
import { delayedKillScript, pidOf } from './processes.ts';
import { allRestarted, leaderMoved, primaryMoved } from './proofs.ts';
import { leaderOf, role } from './victims.ts';

/** A drain, a rollout or a change of scale may take so long, and everything that follows from it, too. */
const STEP_MS = 300_000;

/** Each node is drained as for maintenance, and takes pods again. */
export const drainEachNode: ClusterFault = async (stage) => {
  const { stack, signal } = stage;
  const steps = new Sequence(stage.now);
  for (const { metadata: { name } } of await stack.nodes(signal)) {
    const hit = (await stack.pods(signal)).filter((pod) => pod.spec.nodeName === name && !isOver(pod));
    if (hit.length === 0) throw new Error(`No pod is on ${name}: draining it would show nothing.`);
    try {
      steps.did(`kubectl drain ${name}: ${hit.map((pod) => pod.metadata.name).join(', ')}`);
      await stack.kubectl.run(['drain', name, '--ignore-daemonsets', '--delete-emptydir-data', `--timeout=${STEP_MS / 1000}s`], { signal, limitMs: STEP_MS });
    } finally {
      await stack.kubectl.run(['uncordon', name], { signal: AbortSignal.timeout(STEP_MS) });
    }
    steps.did(`kubectl uncordon ${name}`);
    steps.saw(await allRestarted(stage, hit));
    await stack.waitForHealth(STEP_MS, signal);
    steps.saw('All is well.');
  }
  return steps.damage();
};

const ROLLED_OUT = ['statefulset/mysql', 'statefulset/redis', 'deployment/web', 'deployment/edge', 'deployment/operator'] as const;

/** Each workload is restarted as for a new configuration. */
export const rolloutEachWorkload: ClusterFault = async (stage) => {
  const { stack, signal } = stage;
  const steps = new Sequence(stage.now);
  for (const workload of ROLLED_OUT) {
    const hit = podsOf(await stack.pods(signal), workload.split('/')[1] ?? '');
    steps.did(`kubectl rollout restart ${workload}`);
    await stack.kubectl.run(['rollout', 'restart', workload], { signal });
    await stack.kubectl.run(['rollout', 'status', workload, `--timeout=${STEP_MS / 1000}s`], { signal, limitMs: STEP_MS });
    steps.saw(await allRestarted(stage, hit));
    await stack.waitForHealth(STEP_MS, signal);
    steps.saw('All is well.');
  }
  return steps.damage();
};

/** The web goes from what it has to six, to two, and back. */
export const scaleWeb: ClusterFault = async (stage) => {
  const { stack, signal } = stage;
  const steps = new Sequence(stage.now);
  const before = podsOf(await stack.pods(signal), WORKLOADS.web).length;
  const scale = (to: number): Promise<string> => stack.kubectl.run(['scale', 'deployment/web', `--replicas=${to}`], { signal });
  try {
    for (const to of [6, 2, before]) {
      steps.did(`kubectl scale deployment/web --replicas=${to}`);
      await scale(to);
      await until({ what: `A web of ${to}`, boundMs: STEP_MS, everyMs: 250, signal }, async () => {
        const there = (await stack.pods(signal)).filter((pod) => pod.metadata.labels?.[LABELS.component] === WORKLOADS.web);
        return there.length === to && there.every((pod) => has(pod, 'Ready')) ? true : null;
      });
      steps.saw(`${to} are ready.`);
    }
  } finally {
    await stack.kubectl.run(['scale', 'deployment/web', `--replicas=${before}`], { signal: AbortSignal.timeout(STEP_MS) });
  }
  return steps.damage();
};

/** Every pod is deleted at once. */
export const allPods: ClusterFault = async (stage) => {
  const { stack, signal } = stage;
  const steps = new Sequence(stage.now);
  const hit = (await stack.pods(signal)).filter((pod) => !isOver(pod));
  steps.did(`kubectl delete pods of all ${hit.length}`);
  await stack.kubectl.run(['delete', 'pods', '--selector', `${LABELS.name}=${APP}`, '--wait=false'], { signal });
  steps.saw(await allRestarted(stage, hit));
  return steps.damage();
};

/** The pods of the primary and of the operator that acts are deleted by force, with one command. */
export const operatorAndPrimary: ClusterFault = async (stage) => {
  const { stack, signal } = stage;
  const steps = new Sequence(stage.now);
  const primary = await role('mysql-primary').choose(stage);
  const leader = await role('operator-leader').choose(stage);
  const names = [leader.metadata.name, primary.metadata.name];
  steps.did(`kubectl delete pod ${names.join(' ')} --grace-period=0 --force`);
  await stack.kubectl.run(['delete', 'pod', ...names, '--wait=false', '--grace-period=0', '--force'], { signal });
  steps.saw(await primaryMoved(stage, primary.metadata.name));
  steps.saw(await leaderMoved(stage, leader));
  steps.saw(await allRestarted(stage, [primary, leader]));
  return steps.damage();
};

/** The primary dies so long after the API server has gone, and that comes back so long after the primary's death; seconds. */
const BEFORE_KILL_S = 5;
const AFTER_KILL_S = 10;

/** The API server is away, and mysqld of the primary is killed meanwhile. */
export const apiAway: ClusterFault = async (stage) => {
  const { stack, signal } = stage;
  demand(stack.commands, 'api-stop', 'api-start');
  const steps = new Sequence(stage.now);
  const primary = role('mysql-primary');
  const victim = await primary.choose(stage);
  const leader = await leaderOf(stage);
  const [before, unchanged] = [await pidOf(stage, victim, primary), startsOf(leader.pod)];
  const where = { pod: victim.metadata.name, container: primary.container };
  steps.did(`kill -9 of mysqld in ${where.pod} (process ${before}) was ordered for ${BEFORE_KILL_S} s later, and the API server was stopped.`);
  await stack.kubectl.exec(where, delayedKillScript(primary.process, BEFORE_KILL_S), { signal });
  try {
    await runCommand(stack.commands, 'api-stop');
    steps.saw(await isAway(stage));
    await sleep((BEFORE_KILL_S + AFTER_KILL_S) * 1000, undefined, { signal });
  } finally {
    await runCommand(stack.commands, 'api-start');
  }
  steps.did('The API server is back.');
  steps.saw(await primaryMoved(stage, where.pod));
  steps.saw(`mysqld of ${where.pod} runs as process ${await pidOf(stage, victim, primary, before)} instead of ${before}.`);
  const now = await stack.pod(leader.pod.metadata.name, signal);
  if (startsOf(now) !== unchanged) throw new Error(`${leader.pod.metadata.name} was started again meanwhile: that is another fault.`);
  return steps.damage();
};

async function isAway({ stack, signal }: ClusterStage): Promise<string> {
  const answered = await stack.pods(AbortSignal.any([signal, AbortSignal.timeout(2000)])).then(() => true, () => false);
  if (answered) throw new Error('The API server answers though it was stopped: --api-stop did nothing.');
  return 'The API server does not answer.';
}
