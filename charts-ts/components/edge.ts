import type { V1ConfigMap, V1Container, V1PodSpec, V1ServicePort } from '@kubernetes/client-node';
import type { Chart } from 'cdk8s';
import { EDGE_NODE_LABEL, LABELS, PORTS, WORKLOADS, serviceHost } from '../../common/kubernetes.ts';
import { LEAVING, nginxConf } from '../../local/nginx/conf.ts';
import { add, checksum, componentLabel } from '../objects.ts';
import { LEAVE_SOON, LOCKED, SETTINGS_MOUNT, SETTINGS_PATH, httpProbe, onNodes, podBasics, priorityOf, resourcesOf, scratch, script, settingsVolume, spread } from '../pods.ts';
import type { Settings } from '../settings.ts';
import { addScaledDeployment } from './deployment.ts';
import { addDisruptionBudget, addService } from './services.ts';

const NAME = WORKLOADS.edge;
/** The image's own user. */
const USER = 101;
const RUN = '/run/nginx';

/**
 * How long before it closes its socket an edge says that it goes, s. As the last one on its node it gets new connections
 * for as long as it calls itself healthy, and those that wait in a closing socket are reset: three probes, a second apart,
 * and what the endpoints and kube-proxy need.
 */
const LEAVING_S = 8;

const conf = ({ namespace, edge }: Settings): string => nginxConf({
  folder: RUN,
  httpPort: PORTS.edge,
  healthPort: PORTS.edgeHealth,
  webPorts: [],
  cacheSeconds: edge.cacheSeconds,
  // Which there are is seen where it starts (edge.sh).
  without: ['fastcgi', 'uwsgi', 'scgi'],
  cluster: { webHost: serviceHost(WORKLOADS.web, namespace), webPort: PORTS.web, include: `${RUN}/here.conf` },
});

const filesOf = (settings: Settings): Record<string, string> => ({ 'edge.sh': script('edge.sh'), 'nginx.conf': conf(settings) });

const containerOf = ({ images, imagePullPolicy, edge }: Settings): V1Container => ({
  name: NAME,
  image: images.nginx,
  imagePullPolicy,
  command: ['sh', `${SETTINGS_PATH}/edge.sh`],
  ports: [{ name: 'edge', containerPort: PORTS.edge }, { name: 'health', containerPort: PORTS.edgeHealth }],
  resources: resourcesOf(edge.resources),
  securityContext: LOCKED,
  readinessProbe: httpProbe('/healthz', 'health', { periodSeconds: 1, timeoutSeconds: 2, failureThreshold: 3 }),
  livenessProbe: httpProbe('/healthz', 'health', { initialDelaySeconds: 5, periodSeconds: 5, timeoutSeconds: 3, failureThreshold: 4 }),
  // New connections come until all know better. Then nginx finishes what is under way; SIGTERM would cut it.
  lifecycle: { preStop: { exec: { command: ['sh', '-c', `touch ${RUN}/${LEAVING}; sleep ${LEAVING_S}; nginx -p ${RUN} -c ${SETTINGS_PATH}/nginx.conf -e stderr -s quit; while [ -e ${RUN}/nginx.pid ]; do sleep 0.2; done`] } } },
  volumeMounts: [{ name: 'run', mountPath: RUN }, { name: 'nothing', mountPath: '/var/cache/nginx' }, SETTINGS_MOUNT],
});

/** Each node that clients reach has an edge of its own: one that moved to the other node would leave its node's port dead for good. */
const placementOf = ({ edge }: Settings): Pick<V1PodSpec, 'affinity' | 'topologySpreadConstraints'> =>
  edge.service === 'NodePort'
    ? { affinity: onNodes(EDGE_NODE_LABEL), topologySpreadConstraints: spread('edge', 'per revision', 'wait for the node') }
    : { topologySpreadConstraints: spread('edge', 'per revision') };

const podOf = (settings: Settings): V1PodSpec => ({
  ...podBasics(USER),
  priorityClassName: priorityOf(settings, 'edge'),
  ...placementOf(settings),
  tolerations: LEAVE_SOON,
  shareProcessNamespace: true,
  terminationGracePeriodSeconds: 45,
  containers: [containerOf(settings)],
  volumes: [settingsVolume(NAME), scratch('run', '512Mi'), scratch('nothing', '1Mi')],
});

/** nginx's settings. */
export function addEdgeSettings(chart: Chart, settings: Settings): void {
  add(chart, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: NAME, namespace: settings.namespace, labels: componentLabel('edge') }, data: filesOf(settings) } satisfies V1ConfigMap);
}

/** The edges, and the one Service that clients outside reach. */
export function addEdge(chart: Chart, settings: Settings): void {
  const { namespace, edge } = settings;
  const port: V1ServicePort = { name: 'edge', port: 80, targetPort: 'edge', protocol: 'TCP', ...(edge.service === 'NodePort' ? { nodePort: edge.nodePort } : {}) };
  addService(chart, { namespace, name: NAME, workload: 'edge', ports: [port], selector: { [LABELS.inService]: 'yes' }, spec: { type: edge.service, externalTrafficPolicy: 'Local' } });
  addDisruptionBudget(chart, namespace, 'edge');
  // All new ones first: each node has one of its own before the old one there goes.
  addScaledDeployment(chart, { namespace, workload: 'edge', replicas: edge.replicas, maxSurge: '100%', annotations: checksum(filesOf(settings)), pod: podOf(settings) });
}
