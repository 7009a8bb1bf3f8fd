import { APP, COUNTS, LABELS, WORKLOADS } from '../../../common/kubernetes.ts';
import type { OperatorStatus } from '../../stack/status.ts';
import type { Node, Pod, Snapshot, WorkloadObject } from './objects.ts';

/** Objects of Kubernetes for tests, as short as they can be read: whole, but for what is given. */

/** A ready pod with one container named as its component. */
export function pod(name: string, component: string, more: { readonly meta?: Partial<Pod['metadata']>; readonly spec?: Pod['spec']; readonly status?: Partial<Pod['status']> } = {}): Pod {
  return {
    metadata: { name, uid: `uid-of-${name}`, labels: { [LABELS.name]: APP, [LABELS.component]: component, [LABELS.inService]: 'yes' }, ...more.meta },
    spec: { nodeName: 'node1', ...more.spec },
    status: {
      phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }],
      containerStatuses: [{ name: component, containerID: `container-of-${name}`, ready: true, restartCount: 0, state: { running: {} } }], ...more.status,
    },
  };
}

/** A ready node. */
export const node = (name: string, more: Partial<Node['spec']> = {}): Node => ({ metadata: { name, uid: name }, spec: more, status: { conditions: [{ type: 'Ready', status: 'True' }] } });

/** A workload with all that it wants. */
export const workload = (name: string, replicas: number, more: Partial<WorkloadObject['status']> = {}): WorkloadObject => ({
  metadata: { name, uid: name, generation: 2 }, spec: { replicas },
  status: { observedGeneration: 2, replicas, updatedReplicas: replicas, readyReplicas: replicas, ...more },
});

const REPLICAS: Readonly<Record<string, number>> = { ...COUNTS, web: 3, edge: 2, operator: 2 };

/** A stack without anything wrong. */
export function snapshot(more: Partial<Snapshot> = {}): Snapshot {
  return {
    nodes: ['node1', 'node2', 'node3'].map((name) => node(name)),
    workloads: Object.values(WORKLOADS).map((name) => workload(name, REPLICAS[name] ?? 1)),
    pods: ['mysql-0', 'mysql-1', 'mysql-2'].map((name) => pod(name, WORKLOADS.mysql)),
    ...more,
  };
}

/** What an operator with nothing to do says. */
export const operatorStatus = (more: Partial<OperatorStatus> = {}): OperatorStatus => ({
  acting: true, paused: false, epoch: 3, primary: 'mysql-1', events: [],
  members: ['mysql-0', 'mysql-1', 'mysql-2'].map((name) => ({ name, role: name === 'mysql-1' ? 'primary' : 'replica', errant: '', lagSeconds: 0 })), ...more,
});
