import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { V1Affinity, V1Container, V1EnvVar, V1PodSpec, V1Probe, V1SecurityContext, V1Toleration, V1TopologySpreadConstraint, V1Volume, V1VolumeMount } from '@kubernetes/client-node';
import { CLUSTER_DOMAIN, SECRET } from '../common/kubernetes.ts';
import type { Workload } from '../common/kubernetes.ts';
import { selectorOf } from './objects.ts';
import type { Settings } from './settings.ts';

/** Where every container finds its settings and scripts. */
export const SETTINGS_PATH = '/etc/holdfast';

/** The text of one of `scripts/`. */
export const script = (name: string): string => readFileSync(join(import.meta.dirname, 'scripts', name), 'utf8');

/** What `restricted` asks of a container, and a root file system that nothing can write to. */
export const LOCKED: V1SecurityContext = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, readOnlyRootFilesystem: true };

/** What every pod has; `user` is the image's own, by number. */
export function podBasics(user: number): Pick<V1PodSpec, 'securityContext' | 'enableServiceLinks' | 'automountServiceAccountToken' | 'dnsConfig'> {
  return {
    enableServiceLinks: false,
    automountServiceAccountToken: false,
    // Names are given in full: with the usual 5, each would first be asked for below three other domains.
    dnsConfig: { options: [{ name: 'ndots', value: '2' }] },
    securityContext: { runAsNonRoot: true, runAsUser: user, runAsGroup: user, fsGroup: user, fsGroupChangePolicy: 'OnRootMismatch', seccompProfile: { type: 'RuntimeDefault' } },
  };
}

/** Requests, and a limit for memory only. */
export const resourcesOf = ({ cpu, memory }: { readonly cpu: string; readonly memory: string }): NonNullable<V1Container['resources']> => ({
  requests: { cpu, memory },
  limits: { memory },
});

/** A variable from the one Secret. A pod waits for the operator to fill it, unless it is `optional`. */
export const secretVariable = (name: string, key: string, optional?: 'optional'): V1EnvVar => ({
  name,
  valueFrom: { secretKeyRef: { name: SECRET.name, key, ...(optional === undefined ? {} : { optional: true }) } },
});

/** A variable with something of the pod's own. */
export const podVariable = (name: string, fieldPath: 'metadata.name' | 'metadata.namespace' | 'metadata.uid' | 'spec.nodeName' | 'status.podIP'): V1EnvVar => ({
  name,
  valueFrom: { fieldRef: { fieldPath } },
});

/** A variable with a value. */
export const variable = (name: string, value: string | number): V1EnvVar => ({ name, value: String(value) });

/** A writable folder that ends with the pod. */
export const scratch = (name: string, sizeLimit: string, medium?: 'Memory'): V1Volume => ({ name, emptyDir: { sizeLimit, ...(medium === undefined ? {} : { medium }) } });

/** The settings of a workload, from its ConfigMap. */
export const settingsVolume = (configMap: string): V1Volume => ({ name: 'settings', configMap: { name: configMap } });
/** Where {@link settingsVolume} is. */
export const SETTINGS_MOUNT: V1VolumeMount = { name: 'settings', mountPath: SETTINGS_PATH, readOnly: true };

/** A probe by HTTP. */
export const httpProbe = (path: string, port: string, timing: Omit<V1Probe, 'httpGet'>): V1Probe => ({ httpGet: { path, port }, ...timing });

/**
 * Members of a kind on different nodes; where there is only one node, all on that.
 * @param traits `per revision`: in a rollout, old and new ones are spread apart from each other. `wait for the node`: a pod whose
 *   node is closed for a while waits for it, instead of being a second one elsewhere for good
 */
export function spread(workload: Workload, ...traits: readonly ('per revision' | 'wait for the node')[]): V1TopologySpreadConstraint[] {
  return [{
    maxSkew: 1,
    topologyKey: 'kubernetes.io/hostname',
    whenUnsatisfiable: 'DoNotSchedule',
    nodeTaintsPolicy: traits.includes('wait for the node') ? 'Ignore' : 'Honor',
    labelSelector: { matchLabels: selectorOf(workload) },
    ...(traits.includes('per revision') ? { matchLabelKeys: ['pod-template-hash'] } : {}),
  }];
}

/** Pods that hold nothing leave a node that does not answer after this, instead of after five minutes. */
export const LEAVE_SOON: V1Toleration[] = ['node.kubernetes.io/unreachable', 'node.kubernetes.io/not-ready'].map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 10 }));

/** Only on nodes with this label. */
export const onNodes = (label: { readonly key: string; readonly value: string }): V1Affinity => ({
  nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: label.key, operator: 'In', values: [label.value] }] }] } },
});

/** Names of the two priorities of an installation: they belong to the whole cluster. */
export const priorityOf = (settings: Settings, workload: Workload): string => `${settings.namespace}-${workload === 'mysql' || workload === 'operator' ? 'data' : 'service'}`;

/** The domain in which the pods of a namespace's Services are. */
export const domainOf = (namespace: string): string => `${namespace}.svc.${CLUSTER_DOMAIN}`;
