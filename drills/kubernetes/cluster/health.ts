import { LABELS, WORKLOADS } from '../../../common/kubernetes.ts';
import { operatorAilments } from '../../stack/health.ts';
import type { OperatorStatus } from '../../stack/status.ts';
import { has, isOver, type Node, type Pod, type Snapshot, type WorkloadObject } from './objects.ts';

/**
 * What keeps a stack on Kubernetes from full health, one sentence each: every node takes pods, every workload has all its
 * pods, up to date and ready, none is ending or withdrawn, and the members are as the acting operator wants them.
 * @param members names of all MySQL members
 */
export function clusterAilments(snapshot: Snapshot, operator: OperatorStatus | null, members: readonly string[]): readonly string[] {
  return [
    ...snapshot.nodes.flatMap(nodeAilments),
    ...Object.values(WORKLOADS).flatMap((name) => workloadAilments(name, snapshot.workloads)),
    ...snapshot.pods.filter((pod) => !isOver(pod)).flatMap(podAilments),
    ...(operator === null ? ['no operator acts'] : operatorAilments(operator, members)),
  ];
}

function nodeAilments(node: Node): readonly string[] {
  if (!has(node, 'Ready')) return [`${node.metadata.name} is not ready`];
  return node.spec.unschedulable === true ? [`${node.metadata.name} takes no pods`] : [];
}

function workloadAilments(name: string, workloads: readonly WorkloadObject[]): readonly string[] {
  const found = workloads.find((one) => one.metadata.name === name);
  if (found === undefined) return [`there is no ${name}`];
  const { metadata, spec, status } = found;
  const wanted = spec.replicas ?? 1;
  if ((status.observedGeneration ?? 0) < (metadata.generation ?? 0)) return [`${name} has just been changed`];
  const counts = { there: status.replicas ?? 0, 'up to date': status.updatedReplicas ?? 0, ready: status.readyReplicas ?? 0 };
  return Object.entries(counts).filter(([, count]) => count !== wanted).map(([what, count]) => `${count} of ${wanted} ${name} are ${what}`);
}

function podAilments(pod: Pod): readonly string[] {
  const { name, labels, deletionTimestamp } = pod.metadata;
  if (deletionTimestamp !== undefined) return [`${name} is ending`];
  if (!has(pod, 'Ready')) return [`${name} is not ready${reasonOf(pod)}`];
  return labels?.[LABELS.inService] === 'no' ? [`${name} is withdrawn from service`] : [];
}

/** Why a container does not run, where Kubernetes says it. */
function reasonOf({ status }: Pod): string {
  const reasons = (status.containerStatuses ?? []).map(({ state }) => state?.waiting?.reason ?? state?.terminated?.reason).filter((reason) => reason !== undefined);
  return reasons.length === 0 ? '' : ` (${reasons.join(', ')})`;
}
