import type { Endpoint, MemberAddress } from './members.ts';

/**
 * Every name that manifests, operator and drills must agree on, on Kubernetes. What is not in here is nobody else's
 * business.
 */

/** The namespace of an installation that says no other. */
export const DEFAULT_NAMESPACE = 'holdfast';

/** Workloads; each is also the name of its Service (mysql and redis: of its headless one) and the value of {@link LABELS.component}. */
export const WORKLOADS = { mysql: 'mysql', redis: 'redis', web: 'web', edge: 'edge', operator: 'operator' } as const;

/** One of {@link WORKLOADS}. */
export type Workload = keyof typeof WORKLOADS;

/** Labels. The last two stand in selectors of Services only, never in those of workloads: a pod that loses them is not replaced. */
export const LABELS = {
  name: 'app.kubernetes.io/name',
  component: 'app.kubernetes.io/component',
  /** `yes` from the pod template; the operator sets `no` on a pod that does not answer. */
  inService: 'holdfast/in-service',
  /** `primary` or `replica`, on MySQL's pods; the operator sets it. */
  role: 'holdfast/role',
} as const;

/** The value of {@link LABELS.name} on everything. */
export const APP = 'holdfast';

/** Annotations. */
export const ANNOTATIONS = {
  /** On a Deployment whose manifest names no number: what the operator scales it to, once. */
  initialReplicas: 'holdfast/initial-replicas',
  /** On such a Deployment: that this was done. */
  scaled: 'holdfast/scaled',
  /** On a MySQL pod, by a person, with the value `yes`: its node never comes back, so pod and claim may be replaced. */
  replace: 'holdfast/replace',
  /** On a MySQL member's claim: it has held the cluster's data. */
  initialised: 'holdfast/initialised',
  /** On a pod: of what its configuration was made, so that a change of it rolls the pods out. */
  checksum: 'holdfast/configuration',
} as const;

/** Services that follow {@link LABELS.role}, for any client of MySQL. */
export const ROLE_SERVICES = { primary: 'mysql-primary', replicas: 'mysql-replicas' } as const;

/** The one Secret: empty in the manifests, filled by the operator. Its keys are the values of USERS, and these. */
export const SECRET = { name: 'holdfast-passwords', root: 'root', redis: 'redis', cookie: 'cookie' } as const;

/** Made and owned by the operator. */
export const STATE_CONFIG_MAP = 'holdfast-state';
/** Made and owned by the operator. */
export const LEASE = 'holdfast-operator';

/** Ports inside the cluster. */
export const PORTS = {
  mysql: 3306,
  mysqlAdmin: 33_062,
  redis: 6379,
  sentinel: 26_379,
  web: 8080,
  webMetrics: 9090,
  edge: 8080,
  edgeHealth: 8081,
  operator: 8080,
} as const;

/** MySQL members; Redis servers, each with a Sentinel. */
export const COUNTS = { mysql: 3, redis: 3 } as const;

/** The label of nodes that edges are pinned to, where the edge's Service is a NodePort. */
export const EDGE_NODE_LABEL = { key: 'holdfast/edge', value: 'yes' } as const;

/** The cluster's domain: every cluster's default. Names that end with it resolve in one question. */
export const CLUSTER_DOMAIN = 'cluster.local';

/** `mysql-0`, … */
export const podNames = (workload: 'mysql' | 'redis'): readonly string[] => Array.from({ length: COUNTS[workload] }, (_, index) => `${WORKLOADS[workload]}-${index}`);

/** A Service's name in full. */
export const serviceHost = (service: string, namespace: string): string => `${service}.${namespace}.svc.${CLUSTER_DOMAIN}`;

/** A MySQL pod's name in full; it resolves while the pod has an address. */
export const memberHost = (pod: string, namespace: string): string => `${pod}.${serviceHost(WORKLOADS.mysql, namespace)}`;

/** All members. */
export const membersIn = (namespace: string): readonly MemberAddress[] =>
  podNames('mysql').map((name) => ({ name, host: memberHost(name, namespace), port: PORTS.mysql, adminPort: PORTS.mysqlAdmin }));

/** Redis servers and Sentinels are named by Services of their own: those resolve also while a pod is away. */
export const redisEndpoints = (namespace: string, port: 'redis' | 'sentinel'): readonly (Endpoint & { readonly name: string })[] =>
  podNames('redis').map((name) => ({ name, host: serviceHost(name, namespace), port: PORTS[port] }));
