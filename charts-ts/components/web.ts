import type { V1Container, V1EnvVar, V1PodSpec } from '@kubernetes/client-node';
import type { Chart } from 'cdk8s';
import { LABELS, PORTS, SECRET, WORKLOADS, membersIn, redisEndpoints } from '../../common/kubernetes.ts';
import { membersText } from '../../common/members.ts';
import { API_PATH, USERS } from '../../common/names.ts';
import { LEAVE_SOON, LOCKED, httpProbe, podBasics, podVariable, priorityOf, resourcesOf, scratch, secretVariable, spread, variable } from '../pods.ts';
import type { Settings } from '../settings.ts';
import { addScaledDeployment } from './deployment.ts';
import { HEADLESS, addDisruptionBudget, addService, servicePort } from './services.ts';

const NAME = WORKLOADS.web;
/** The image's own user. */
const USER = 1000;

/** How long a process may wait for the database before it is started again, s: no restart would help. */
const WAIT_FOR_DATA_S = 3600;

const environmentOf = (namespace: string): V1EnvVar[] => [
  podVariable('NAME', 'metadata.name'),
  variable('HOST', '0.0.0.0'),
  variable('PORT', PORTS.web),
  variable('METRICS_PORT', PORTS.webMetrics),
  variable('MYSQL_MEMBERS', membersText(membersIn(namespace))),
  variable('REDIS_SENTINELS', redisEndpoints(namespace, 'sentinel').map(({ host, port }) => `${host}:${port}`).join(',')),
  secretVariable('MYSQL_SERVICE_PASSWORD', USERS.service),
  secretVariable('MYSQL_MIGRATION_PASSWORD', USERS.migration),
  secretVariable('REDIS_PASSWORD', SECRET.redis),
  secretVariable('COOKIE_SECRET', SECRET.cookie),
];

const containerOf = ({ namespace, images, imagePullPolicy, web }: Settings): V1Container => ({
  name: NAME,
  image: images.holdfast,
  imagePullPolicy,
  command: ['node', 'service/main.ts'],
  env: environmentOf(namespace),
  ports: [{ name: 'web', containerPort: PORTS.web }, { name: 'metrics', containerPort: PORTS.webMetrics }],
  resources: resourcesOf(web.resources),
  securityContext: LOCKED,
  // Ready only once it has answered from the database: a rollout, and who waits for it after the first apply, wait for that. An edge sends requests all the same.
  startupProbe: httpProbe(`${API_PATH}?limit=1`, 'web', { periodSeconds: 1, timeoutSeconds: 3, failureThreshold: WAIT_FOR_DATA_S }),
  readinessProbe: httpProbe('/readyz', 'web', { periodSeconds: 1, timeoutSeconds: 2, failureThreshold: 3 }),
  // Restarts a process that hangs for good. Where one is merely slow, the others have its requests long before.
  livenessProbe: httpProbe('/healthz', 'web', { initialDelaySeconds: 5, periodSeconds: 5, timeoutSeconds: 3, failureThreshold: 4 }),
  // It goes on serving until the edges, who ask once a second, know its address no more: the operator takes that away at once.
  lifecycle: { preStop: { exec: { command: ['sleep', '3'] } } },
  volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
});

const podOf = (settings: Settings): V1PodSpec => ({
  ...podBasics(USER),
  priorityClassName: priorityOf(settings, 'web'),
  topologySpreadConstraints: spread('web', 'per revision'),
  tolerations: LEAVE_SOON,
  shareProcessNamespace: true,
  // The service ends within ten seconds.
  terminationGracePeriodSeconds: 30,
  containers: [containerOf(settings)],
  volumes: [scratch('tmp', '64Mi')],
});

/** The Koa processes. Their Service has also those that are not ready: an edge tries them itself, and never has none at all. */
export function addWeb(chart: Chart, settings: Settings): void {
  const { namespace, web } = settings;
  addService(chart, { namespace, name: NAME, workload: 'web', ports: [servicePort('web', PORTS.web)], selector: { [LABELS.inService]: 'yes' }, spec: HEADLESS });
  addDisruptionBudget(chart, namespace, 'web');
  addScaledDeployment(chart, { namespace, workload: 'web', replicas: web.replicas, maxSurge: 1, pod: podOf(settings) });
}
