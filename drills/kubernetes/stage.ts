import type { Fault, Ground } from '../faults/fault.ts';
import type { Scenario } from '../scenario.ts';
import type { Cluster } from './cluster/cluster.ts';

/** Where a fault on Kubernetes happens. */
export interface ClusterStage extends Ground {
  readonly stack: Cluster;
}

export type ClusterFault = Fault<ClusterStage>;

export type ClusterScenario = Scenario<ClusterStage>;
