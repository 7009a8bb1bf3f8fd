import { LABELS } from '../../../common/kubernetes.ts';

/** The parts of Kubernetes' objects that the drills look at, as the API gives them. */

export interface Meta {
  readonly name: string;
  readonly uid: string;
  readonly generation?: number;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface Condition {
  readonly type: string;
  readonly status: string;
}

export interface ContainerStatus {
  readonly name: string;
  readonly containerID?: string;
  readonly ready: boolean;
  readonly restartCount: number;
  readonly state?: { readonly waiting?: { readonly reason?: string }; readonly running?: object; readonly terminated?: { readonly reason?: string } };
}

export interface Pod {
  readonly metadata: Meta;
  readonly spec: { readonly nodeName?: string };
  readonly status: { readonly phase?: string; readonly conditions?: readonly Condition[]; readonly containerStatuses?: readonly ContainerStatus[] };
}

export interface Node {
  readonly metadata: Meta;
  readonly spec: { readonly unschedulable?: boolean };
  readonly status: { readonly conditions?: readonly Condition[] };
}

/** A Deployment or a StatefulSet. */
export interface WorkloadObject {
  readonly kind?: string;
  readonly metadata: Meta;
  readonly spec: { readonly replicas?: number };
  readonly status: { readonly observedGeneration?: number; readonly replicas?: number; readonly updatedReplicas?: number; readonly readyReplicas?: number };
}

/** What a drill sees of a cluster at one time. */
export interface Snapshot {
  /** Of the namespace. */
  readonly pods: readonly Pod[];
  readonly workloads: readonly WorkloadObject[];
  readonly nodes: readonly Node[];
}

/** Whether a condition holds. */
export const has = ({ status }: Pick<Pod | Node, 'status'>, type: string): boolean =>
  status.conditions?.some((one) => one.type === type && one.status === 'True') ?? false;

export const componentOf = ({ metadata }: Pod): string => metadata.labels?.[LABELS.component] ?? '';

/** Whether it is no more than a record of something that has ended. */
export const isOver = ({ status }: Pod): boolean => status.phase === 'Succeeded' || status.phase === 'Failed';

/** What can be said of a pod in a word. */
export const stateOf = (pod: Pod): string => (pod.metadata.deletionTimestamp !== undefined ? 'ending' : has(pod, 'Ready') ? 'running' : 'starting');

/** Pods of one component that are there and not ending, by name. */
export const podsOf = (pods: readonly Pod[], component: string): readonly Pod[] =>
  pods.filter((pod) => componentOf(pod) === component && !isOver(pod) && pod.metadata.deletionTimestamp === undefined)
    .toSorted((a, b) => a.metadata.name.localeCompare(b.metadata.name));

/** Ids and restarts of a pod's containers: another text when one was started again. */
export const startsOf = ({ metadata, status }: Pod): string =>
  [metadata.uid, ...(status.containerStatuses ?? []).map((one) => `${one.name} ${one.containerID ?? ''} ${one.restartCount}`).sort()].join(', ');
