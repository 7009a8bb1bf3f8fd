import type { V1Deployment, V1PodSpec } from '@kubernetes/client-node';
import type { Chart } from 'cdk8s';
import { ANNOTATIONS, LABELS, WORKLOADS } from '../../common/kubernetes.ts';
import { add, componentLabel, selectorOf } from '../objects.ts';

/** What differs between the Deployments that a person may scale. */
export interface ScaledParts {
  readonly namespace: string;
  readonly workload: 'web' | 'edge';
  /** How many the operator makes it at first. */
  readonly replicas: number;
  /** How many new pods may be there in a rollout before old ones go. */
  readonly maxSurge: number | string;
  /** Of the pods. */
  readonly annotations?: Readonly<Record<string, string>>;
  readonly pod: V1PodSpec;
}

/** A Deployment that a person scales, and whose silent pods the operator withdraws. It names no number of replicas: an apply would set a person's own back. */
export function addScaledDeployment(chart: Chart, { namespace, workload, replicas, maxSurge, annotations, pod }: ScaledParts): void {
  add(chart, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: WORKLOADS[workload], namespace, labels: componentLabel(workload), annotations: { [ANNOTATIONS.initialReplicas]: String(replicas) } },
    spec: {
      selector: { matchLabels: selectorOf(workload) },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable: 0 } },
      minReadySeconds: 2,
      template: { metadata: { labels: { ...selectorOf(workload), [LABELS.inService]: 'yes' }, ...(annotations === undefined ? {} : { annotations }) }, spec: pod },
    },
  } satisfies V1Deployment);
}
