import type { V1PodDisruptionBudget, V1Service, V1ServicePort, V1ServiceSpec } from '@kubernetes/client-node';
import type { Chart } from 'cdk8s';
import type { Workload } from '../../common/kubernetes.ts';
import { add, componentLabel, selectorOf } from '../objects.ts';

/** A named port of a Service and of its pods. */
export const servicePort = (name: string, port: number): V1ServicePort => ({ name, port, targetPort: name, protocol: 'TCP' });

/** What {@link addService} needs beside its place. */
export interface ServiceParts {
  readonly namespace: string;
  readonly name: string;
  readonly workload: Workload;
  /** Beyond the labels of the workload. */
  readonly selector?: Readonly<Record<string, string>>;
  readonly ports: readonly V1ServicePort[];
  readonly spec?: Omit<V1ServiceSpec, 'ports' | 'selector'>;
}

/** A Service for pods of a workload. */
export function addService(chart: Chart, { namespace, name, workload, selector, ports, spec }: ServiceParts): void {
  add(chart, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace, labels: componentLabel(workload) },
    spec: { ...spec, selector: { ...selectorOf(workload), ...selector }, ports: [...ports] },
  } satisfies V1Service);
}

/** A Service that is no more than names for addresses, also of pods that are not ready: whoever asks tries them himself. */
export const HEADLESS: Pick<V1ServiceSpec, 'clusterIP' | 'publishNotReadyAddresses'> = { clusterIP: 'None', publishNotReadyAddresses: true };

/** No more than one pod of a workload goes at a time by a person's will, such as when nodes are drained. */
export function addDisruptionBudget(chart: Chart, namespace: string, workload: Workload): void {
  add(chart, {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: workload, namespace, labels: componentLabel(workload) },
    // A pod that is not ready serves nothing: it may always be moved. But a member may hold the last copy of something while it recovers.
    spec: { maxUnavailable: 1, selector: { matchLabels: selectorOf(workload) }, unhealthyPodEvictionPolicy: workload === 'mysql' ? 'IfHealthyBudget' : 'AlwaysAllow' },
  } satisfies V1PodDisruptionBudget);
}
