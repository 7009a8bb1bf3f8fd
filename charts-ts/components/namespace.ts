import type { V1Namespace, V1PriorityClass, V1Secret } from '@kubernetes/client-node';
import type { Chart } from 'cdk8s';
import { SECRET } from '../../common/kubernetes.ts';
import { add } from '../objects.ts';
import { priorityOf } from '../pods.ts';
import type { Settings } from '../settings.ts';

/** The namespace, which admits nothing that asks for rights over its node. */
export function addNamespace(chart: Chart, { namespace }: Settings): void {
  const labels = Object.fromEntries(['enforce', 'audit', 'warn'].map((mode) => [`pod-security.kubernetes.io/${mode}`, 'restricted']));
  add(chart, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } } satisfies V1Namespace);
}

/** Who may push others off a full node: first the data and who keeps it alive, then what serves it. */
export function addPriorities(chart: Chart, settings: Settings): void {
  const classes = [
    { name: priorityOf(settings, 'mysql'), value: 100_000, description: 'MySQL and the operator of holdfast' },
    { name: priorityOf(settings, 'web'), value: 50_000, description: 'What holdfast serves with: Redis, web and edge' },
  ];
  for (const { name, value, description } of classes) add(chart, { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, value, description } satisfies V1PriorityClass);
}

/** Empty: the operator fills it, so that no password is in a file. An apply that finds it filled changes nothing. */
export function addSecret(chart: Chart, { namespace }: Settings): void {
  add(chart, { apiVersion: 'v1', kind: 'Secret', metadata: { name: SECRET.name, namespace }, type: 'Opaque' } satisfies V1Secret);
}
