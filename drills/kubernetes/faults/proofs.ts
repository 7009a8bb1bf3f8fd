import { until } from '../../stack/wait.ts';
import { componentOf, has, podsOf, startsOf, type Pod } from '../cluster/objects.ts';
import type { ClusterStage } from '../stage.ts';
import { redisMaster } from './victims.ts';

/** What shows that a fault happened: each waits for it and says it in a sentence, or rejects. */

// Longer than any bound: what comes too late is for the verdict, which has the figures.
const BOUND_MS = 120_000;

/** Another member is the primary. */
export const primaryMoved = async ({ stack, signal }: ClusterStage, name: string): Promise<string> =>
  await until({ what: `The promotion of another member than ${name}`, boundMs: BOUND_MS, everyMs: 200, signal }, async () => {
    const status = await stack.operator(signal);
    if (status === null || status.primary === null || status.primary === name) return null;
    return `${status.primary} is the primary, epoch ${status.epoch ?? '?'}.`;
  });

/** A Redis is the master and has replicas: another one, or the same when it was back before the Sentinels noticed. */
export const masterFollowed = async (stage: ClusterStage): Promise<string> =>
  await until({ what: 'A Redis master with replicas', boundMs: BOUND_MS, everyMs: 500, signal: stage.signal }, async () => `${await redisMaster(stage)} is the Redis master.`);

/** Another operator acts. */
export const leaderMoved = async ({ stack, signal }: ClusterStage, old: Pod): Promise<string> =>
  await until({ what: `Another operator than ${old.metadata.name}`, boundMs: BOUND_MS, everyMs: 200, signal }, async () => {
    const leader = await stack.leader(signal);
    return leader === null || leader.pod.metadata.uid === old.metadata.uid ? null : `${leader.pod.metadata.name} acts.`;
  });

/** A pod is gone, and there are as many ready ones of its component as before. */
export async function podReplaced({ stack, signal }: ClusterStage, old: Pod, before: readonly Pod[]): Promise<string> {
  const component = componentOf(old);
  const wanted = podsOf(before, component).length;
  const known = new Set(before.map((pod) => pod.metadata.uid));
  return await until({ what: `A ready pod in the place of ${old.metadata.name}`, boundMs: BOUND_MS, everyMs: 200, signal }, async () => {
    const pods = await stack.pods(signal);
    if (pods.some((pod) => pod.metadata.uid === old.metadata.uid)) return null;
    const ready = podsOf(pods, component).filter((pod) => has(pod, 'Ready'));
    const fresh = ready.find((pod) => !known.has(pod.metadata.uid));
    return ready.length < wanted || fresh === undefined ? null : `The pod of ${old.metadata.name} is gone; ${fresh.metadata.name} (${fresh.metadata.uid}) is ready in its place.`;
  });
}

/** A container of a pod was started again. */
export const containerRestarted = async ({ stack, signal }: ClusterStage, old: Pod, container: string): Promise<string> =>
  await until({ what: `A new start of ${container} in ${old.metadata.name}`, boundMs: BOUND_MS, everyMs: 200, signal }, async () => {
    const [before, now] = [old, await stack.pod(old.metadata.name, signal)].map((pod) => pod.status.containerStatuses?.find((one) => one.name === container));
    if (now === undefined || now.state?.running === undefined || now.containerID === before?.containerID) return null;
    return `${container} of ${old.metadata.name} runs again: its restarts went from ${before?.restartCount ?? 0} to ${now.restartCount}.`;
  });

/** Kubernetes no longer hears of a node. */
export const nodeLost = async ({ stack, signal }: ClusterStage, name: string): Promise<string> =>
  await until({ what: `That ${name} is not ready`, boundMs: BOUND_MS, everyMs: 500, signal }, async () => {
    const node = (await stack.nodes(signal)).find((one) => one.metadata.name === name);
    return node !== undefined && has(node, 'Ready') ? null : `${name} is not ready.`;
  });

/** No pod that was on some nodes runs on as it did: each is another one, or its containers were started again. */
export async function allRestarted({ stack, signal }: ClusterStage, before: readonly Pod[]): Promise<string> {
  const old = new Set(before.map(startsOf));
  return await until({ what: 'A new start of every pod that was hit', boundMs: BOUND_MS, everyMs: 500, signal }, async () => {
    const unchanged = (await stack.pods(signal)).filter((pod) => old.has(startsOf(pod)));
    return unchanged.length > 0 ? null : `None of the ${before.length} pods that were hit runs on as it did.`;
  });
}
