import { createHash } from 'node:crypto';
import type { V1ObjectMeta } from '@kubernetes/client-node';
import { ApiObject } from 'cdk8s';
import type { Chart } from 'cdk8s';
import { ANNOTATIONS, APP, LABELS } from '../common/kubernetes.ts';
import type { Workload } from '../common/kubernetes.ts';

/** What every object of Kubernetes has. */
interface Manifest {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: V1ObjectMeta;
}

/**
 * Adds an object to a chart's file, under its own plain name.
 * @param manifest an object that satisfies one of the client's types
 * @throws Error when it lacks apiVersion, kind or name
 */
export function add(chart: Chart, manifest: object): void {
  const { apiVersion, kind, metadata, ...rest } = manifest as Manifest;
  const name = metadata?.name;
  if (apiVersion === undefined || kind === undefined || name === undefined) throw new Error(`Making a manifest failed: it lacks apiVersion, kind or name: ${JSON.stringify(manifest).slice(0, 200)}`);
  const { annotations = {}, labels = {}, ...meta } = metadata ?? {};
  const object = new ApiObject(chart, `${kind}-${name}`, {
    apiVersion,
    kind,
    metadata: {
      ...(meta.namespace === undefined ? {} : { namespace: meta.namespace }),
      name,
      labels: { [LABELS.name]: APP, ...labels },
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    },
    ...rest,
  });
  void object;
}

/** What selects the pods of a workload, for ever: it cannot be changed. */
export const selectorOf = (workload: Workload): Record<string, string> => ({ [LABELS.name]: APP, [LABELS.component]: workload });

/** A workload's own label beside the one that everything has. */
export const componentLabel = (workload: Workload): Record<string, string> => ({ [LABELS.component]: workload });

/** A digest of what a pod was configured with: pods are rolled out when it changes, and only then. */
export const checksum = (content: unknown): Record<string, string> => ({ [ANNOTATIONS.checksum]: createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 16) });
