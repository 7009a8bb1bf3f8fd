import { PORTS } from '../../common/kubernetes.ts';
import type { Workload } from '../../common/kubernetes.ts';

/**
 * Beyond the workloads. `anyone`: clients outside, whose addresses nobody knows. `node`: what a pod's own node sends it,
 * which no policy can forbid. `mysql-client`, `metrics-client`: pods of any namespace that carry {@link CLIENT_LABEL} with
 * the value `mysql` or `metrics`.
 */
export type Other = 'anyone' | 'node' | 'mysql-client' | 'metrics-client';

/** Whom only a workload asks. Neither is a pod everywhere, so a policy names just the port. */
export type Outside = 'name-server' | 'api-server';

/** On pods that may use what others may not. */
export const CLIENT_LABEL = 'holdfast/client';

/** One allowed kind of connection. */
export interface Connection {
  readonly from: Workload | Other;
  readonly to: Workload | Outside;
  readonly port: number;
  readonly protocol?: 'UDP';
  readonly why: string;
}

const ALL: readonly Workload[] = ['mysql', 'redis', 'web', 'edge', 'operator'];

const names = (from: Workload): readonly Connection[] => [
  { from, to: 'name-server', port: 53, protocol: 'UDP', why: 'names' },
  { from, to: 'name-server', port: 53, why: 'names whose answers are long' },
];

/** Every connection that any part needs. What is not here is refused, where the cluster enforces policies. */
export const CONNECTIONS: readonly Connection[] = [
  ...ALL.flatMap(names),
  { from: 'mysql', to: 'mysql', port: PORTS.mysql, why: 'replication, and CLONE from its donor' },
  { from: 'mysql', to: 'mysql', port: PORTS.mysqlAdmin, why: 'a primary that stops asks whether another member answers' },
  { from: 'redis', to: 'redis', port: PORTS.redis, why: 'replication, and Sentinels that watch the servers' },
  { from: 'redis', to: 'redis', port: PORTS.sentinel, why: 'Sentinel to Sentinel, and a server that asks who is master' },
  { from: 'web', to: 'mysql', port: PORTS.mysql, why: 'reads, writes, migrations' },
  { from: 'web', to: 'redis', port: PORTS.redis, why: 'pages' },
  { from: 'web', to: 'redis', port: PORTS.sentinel, why: 'who is master' },
  { from: 'edge', to: 'web', port: PORTS.web, why: 'requests' },
  { from: 'operator', to: 'mysql', port: PORTS.mysql, why: 'watching, where the admin port does not answer' },
  { from: 'operator', to: 'mysql', port: PORTS.mysqlAdmin, why: 'watching, fencing, promoting, repointing, re-seeding' },
  { from: 'operator', to: 'web', port: PORTS.web, why: 'whether it answers' },
  { from: 'operator', to: 'edge', port: PORTS.edgeHealth, why: 'whether it answers' },
  { from: 'operator', to: 'api-server', port: 443, why: 'pods, the lease, the Secret: by the Service' },
  { from: 'operator', to: 'api-server', port: 6443, why: 'the same, where policies see the address behind the Service' },
  { from: 'anyone', to: 'edge', port: PORTS.edge, why: 'clients, by the NodePort or the load balancer' },
  { from: 'mysql-client', to: 'mysql', port: PORTS.mysql, why: 'other clients, by mysql-primary and mysql-replicas' },
  { from: 'metrics-client', to: 'web', port: PORTS.webMetrics, why: 'metrics' },
  { from: 'metrics-client', to: 'operator', port: PORTS.operator, why: 'metrics and status' },
  { from: 'node', to: 'redis', port: PORTS.redis, why: 'probe' },
  { from: 'node', to: 'redis', port: PORTS.sentinel, why: 'probe' },
  { from: 'node', to: 'web', port: PORTS.web, why: 'probe' },
  { from: 'node', to: 'edge', port: PORTS.edgeHealth, why: 'probe' },
  { from: 'node', to: 'operator', port: PORTS.operator, why: 'probe' },
];
