import type { V1ConfigMap, V1Container, V1EnvVar, V1PodSpec, V1StatefulSet } from '@kubernetes/client-node';
import type { Chart } from 'cdk8s';
import { COUNTS, PORTS, SECRET, WORKLOADS, podNames, redisEndpoints } from '../../common/kubernetes.ts';
import { REDIS_MASTER } from '../../common/names.ts';
import { sharedRedis, sharedSentinel } from '../../local/redis/settings.ts';
import { add, checksum, componentLabel, selectorOf } from '../objects.ts';
import { LOCKED, SETTINGS_MOUNT, SETTINGS_PATH, domainOf, podBasics, podVariable, priorityOf, resourcesOf, scratch, script, secretVariable, settingsVolume, spread, variable } from '../pods.ts';
import type { Settings } from '../settings.ts';
import { HEADLESS, addDisruptionBudget, addService, servicePort } from './services.ts';

const NAME = WORKLOADS.redis;
/** The image's own user. */
const USER = 999;

const redisConf = (settings: Settings): string => `bind * -::*
port ${PORTS.redis}
protected-mode no
dir /run/redis
${sharedRedis(settings.redis)}`;

function sentinelConf(pod: string, { namespace }: Settings): string {
  const servers = redisEndpoints(namespace, 'redis');
  const [master, ...replicas] = servers;
  const self = redisEndpoints(namespace, 'sentinel').find(({ name }) => name === pod);
  if (master === undefined || self === undefined) throw new Error(`Making the settings of a Sentinel failed: there is no ${pod}`);
  const others = redisEndpoints(namespace, 'sentinel').filter(({ name }) => name !== pod);
  return `bind * -::*
port ${PORTS.sentinel}
protected-mode no
daemonize no
logfile ""
dir /data
# Names, since a pod's address changes; each is a Service of its own, which resolves also while the pod is away.
sentinel resolve-hostnames yes
sentinel announce-hostnames yes
sentinel announce-ip ${self.host}
sentinel announce-port ${PORTS.sentinel}
${sharedSentinel({ name: pod, master, replicas, others })}`;
}

const filesOf = (settings: Settings): Record<string, string> => ({
  'redis.conf': redisConf(settings),
  'redis-prestop.sh': script('redis-prestop.sh'),
  'redis.sh': script('redis.sh'),
  'sentinel-conf.sh': script('sentinel-conf.sh'),
  'sentinel.sh': script('sentinel.sh'),
  ...Object.fromEntries(podNames('redis').map((pod) => [`${pod}.sentinel.conf`, sentinelConf(pod, settings)])),
});

const environmentOf = (namespace: string): V1EnvVar[] => [
  podVariable('POD_NAME', 'metadata.name'),
  variable('SERVERS', podNames('redis').join(' ')),
  variable('SERVERS_DOMAIN', domainOf(namespace)),
  variable('REDIS_PORT', PORTS.redis),
  variable('SENTINEL_PORT', PORTS.sentinel),
  variable('MASTER_NAME', REDIS_MASTER),
  secretVariable('REDIS_PASSWORD', SECRET.redis),
];

const redisContainer = ({ namespace, images, imagePullPolicy, redis }: Settings): V1Container => ({
  name: 'redis',
  image: images.redis,
  imagePullPolicy,
  command: ['sh', `${SETTINGS_PATH}/redis.sh`],
  env: environmentOf(namespace),
  ports: [{ name: 'redis', containerPort: PORTS.redis }],
  resources: resourcesOf(redis.resources),
  securityContext: LOCKED,
  readinessProbe: { tcpSocket: { port: 'redis' }, periodSeconds: 3, timeoutSeconds: 2 },
  lifecycle: { preStop: { exec: { command: ['sh', `${SETTINGS_PATH}/redis-prestop.sh`] } } },
  volumeMounts: [{ name: 'run', mountPath: '/run/redis' }, { name: 'nothing', mountPath: '/data' }, SETTINGS_MOUNT],
});

const sentinelContainer = ({ namespace, images, imagePullPolicy, redis }: Settings): V1Container => ({
  name: 'sentinel',
  image: images.redis,
  imagePullPolicy,
  command: ['sh', `${SETTINGS_PATH}/sentinel.sh`],
  env: environmentOf(namespace),
  ports: [{ name: 'sentinel', containerPort: PORTS.sentinel }],
  resources: resourcesOf(redis.sentinelResources),
  securityContext: LOCKED,
  readinessProbe: { tcpSocket: { port: 'sentinel' }, periodSeconds: 3, timeoutSeconds: 2 },
  volumeMounts: [{ name: 'sentinel', mountPath: '/data' }, SETTINGS_MOUNT],
});

const podOf = (settings: Settings): V1PodSpec => ({
  ...podBasics(USER),
  priorityClassName: priorityOf(settings, 'redis'),
  topologySpreadConstraints: spread('redis'),
  // So that no server is process 1, which ignores what it has no handler for.
  shareProcessNamespace: true,
  terminationGracePeriodSeconds: 30,
  containers: [redisContainer(settings), sentinelContainer(settings)],
  volumes: [settingsVolume(NAME), scratch('run', '16Mi', 'Memory'), scratch('nothing', '16Mi')],
});

function statefulSet(settings: Settings, files: Record<string, string>): V1StatefulSet {
  const { size, class: storageClass } = settings.redis.storage;
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: NAME, namespace: settings.namespace, labels: componentLabel('redis') },
    spec: {
      replicas: COUNTS.redis,
      serviceName: NAME,
      podManagementPolicy: 'Parallel',
      updateStrategy: { type: 'RollingUpdate' },
      selector: { matchLabels: selectorOf('redis') },
      // A new server needs a moment to take over what the master has, before the next one goes.
      minReadySeconds: 5,
      template: { metadata: { labels: selectorOf('redis'), annotations: checksum(files) }, spec: podOf(settings) },
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
      volumeClaimTemplates: [{
        metadata: { name: 'sentinel', labels: selectorOf('redis') },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: size } }, ...(storageClass === '' ? {} : { storageClassName: storageClass }) },
      }],
    },
  };
}

/** The settings and scripts of Redis and Sentinel. */
export function addRedisSettings(chart: Chart, settings: Settings): void {
  add(chart, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: NAME, namespace: settings.namespace, labels: componentLabel('redis') }, data: filesOf(settings) } satisfies V1ConfigMap);
}

/** The Redis servers, each with a Sentinel and a name that outlives its pod. */
export function addRedis(chart: Chart, settings: Settings): void {
  const { namespace } = settings;
  const ports = [servicePort('redis', PORTS.redis), servicePort('sentinel', PORTS.sentinel)];
  addService(chart, { namespace, name: NAME, workload: 'redis', ports, spec: HEADLESS });
  for (const pod of podNames('redis')) {
    addService(chart, { namespace, name: pod, workload: 'redis', ports, selector: { 'statefulset.kubernetes.io/pod-name': pod }, spec: { publishNotReadyAddresses: true } });
  }
  addDisruptionBudget(chart, namespace, 'redis');
  add(chart, statefulSet(settings, filesOf(settings)));
}
