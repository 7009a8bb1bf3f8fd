import type { V1Container, V1Deployment, V1EnvVar, V1PodSpec, V1PolicyRule, V1Role, V1RoleBinding, V1ServiceAccount } from '@kubernetes/client-node';
import type { Chart } from 'cdk8s';
import { LEASE, PORTS, SECRET, STATE_CONFIG_MAP, WORKLOADS, membersIn } from '../../common/kubernetes.ts';
import { membersText } from '../../common/members.ts';
import { USERS } from '../../common/names.ts';
import { add, componentLabel, selectorOf } from '../objects.ts';
import { LEAVE_SOON, LOCKED, httpProbe, podBasics, podVariable, priorityOf, resourcesOf, scratch, secretVariable, spread, variable } from '../pods.ts';
import type { Settings } from '../settings.ts';
import { HEADLESS, addDisruptionBudget, addService, servicePort } from './services.ts';

const NAME = WORKLOADS.operator;
/** The image's own user. */
const USER = 1000;

const rule = (apiGroup: string, resource: string, verbs: string[], names?: string[]): V1PolicyRule => ({
  apiGroups: [apiGroup],
  resources: [resource],
  ...(names === undefined ? {} : { resourceNames: names }),
  verbs,
});

/** What the operator may do, in its namespace only; docs/rights.md says what for. A `create` cannot be limited to a name. */
export const OPERATOR_RULES: V1PolicyRule[] = [
  rule('', 'pods', ['list', 'watch', 'patch', 'delete']),
  rule('', 'secrets', ['create']),
  rule('', 'secrets', ['get', 'patch'], [SECRET.name]),
  rule('', 'configmaps', ['create']),
  rule('', 'configmaps', ['get', 'patch'], [STATE_CONFIG_MAP]),
  rule('coordination.k8s.io', 'leases', ['create']),
  rule('coordination.k8s.io', 'leases', ['get', 'update'], [LEASE]),
  rule('', 'events', ['create']),
  rule('', 'persistentvolumeclaims', ['list', 'patch', 'delete']),
  rule('apps', 'statefulsets', ['get'], [WORKLOADS.mysql]),
  rule('apps', 'deployments', ['get', 'patch'], [WORKLOADS.web, WORKLOADS.edge]),
];

/** The operator's account and what it may do. */
export function addOperatorAccount(chart: Chart, { namespace }: Settings): void {
  const metadata = { name: NAME, namespace, labels: componentLabel('operator') };
  add(chart, { apiVersion: 'v1', kind: 'ServiceAccount', metadata, automountServiceAccountToken: false } satisfies V1ServiceAccount);
  add(chart, { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata, rules: OPERATOR_RULES } satisfies V1Role);
  add(chart, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: NAME },
    subjects: [{ kind: 'ServiceAccount', name: NAME, namespace }],
  } satisfies V1RoleBinding);
}

const environmentOf = (namespace: string): V1EnvVar[] => [
  variable('PLATFORM', 'kubernetes'),
  podVariable('NAME', 'metadata.name'),
  podVariable('POD_NAME', 'metadata.name'),
  podVariable('POD_NAMESPACE', 'metadata.namespace'),
  podVariable('POD_UID', 'metadata.uid'),
  podVariable('NODE_NAME', 'spec.nodeName'),
  variable('HOST', '0.0.0.0'),
  variable('OPERATOR_PORT', PORTS.operator),
  variable('MYSQL_MEMBERS', membersText(membersIn(namespace))),
  // There at every start but the first, on which the operator makes them: it then needs no API server to begin.
  secretVariable('MYSQL_OPERATOR_PASSWORD', USERS.operator, 'optional'),
  secretVariable('MYSQL_REPLICATION_PASSWORD', USERS.replication, 'optional'),
];

const containerOf = ({ namespace, images, imagePullPolicy, operator }: Settings): V1Container => ({
  name: NAME,
  image: images.holdfast,
  imagePullPolicy,
  // It keeps little, and V8 would let garbage pile up with its usual settings.
  command: ['node', '--max-semi-space-size=1', '--optimize-for-size', '--max-old-space-size=96', 'operator/main.ts'],
  env: environmentOf(namespace),
  ports: [{ name: 'operator', containerPort: PORTS.operator }],
  resources: resourcesOf(operator.resources),
  securityContext: LOCKED,
  readinessProbe: httpProbe('/healthz', 'operator', { periodSeconds: 2, timeoutSeconds: 2 }),
  livenessProbe: httpProbe('/healthz', 'operator', { initialDelaySeconds: 10, periodSeconds: 5, timeoutSeconds: 3, failureThreshold: 4 }),
  volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
});

const podOf = (settings: Settings): V1PodSpec => ({
  ...podBasics(USER),
  serviceAccountName: NAME,
  automountServiceAccountToken: true,
  priorityClassName: priorityOf(settings, 'operator'),
  topologySpreadConstraints: spread('operator', 'per revision'),
  tolerations: LEAVE_SOON,
  shareProcessNamespace: true,
  // An owed switchover is finished first.
  terminationGracePeriodSeconds: 45,
  containers: [containerOf(settings)],
  volumes: [scratch('tmp', '64Mi')],
});

/** Two operators, of which one acts. */
export function addOperator(chart: Chart, settings: Settings): void {
  const { namespace, operator } = settings;
  addService(chart, { namespace, name: NAME, workload: 'operator', ports: [servicePort('operator', PORTS.operator)], spec: HEADLESS });
  addDisruptionBudget(chart, namespace, 'operator');
  add(chart, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: NAME, namespace, labels: componentLabel('operator') },
    spec: {
      replicas: operator.replicas,
      selector: { matchLabels: selectorOf('operator') },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: { metadata: { labels: selectorOf('operator') }, spec: podOf(settings) },
    },
  } satisfies V1Deployment);
}
