import { LABELS, WORKLOADS } from '../../common/kubernetes.ts';
import type { Workload } from '../../common/kubernetes.ts';
import type { MemberNotice } from '../ports.ts';
import type { Pod } from './objects.ts';

/** A change as a watch tells it. */
export type ChangeType = 'ADDED' | 'MODIFIED' | 'DELETED';

const ENDED = new Set(['Failed', 'Succeeded']);

/** The pods as far as the API server has told. It only remembers, and never decides. */
export class Pods {
  readonly #pods = new Map<string, Pod>();
  /** uid of the pod in which a member's server was seen running last, by the member's name. */
  readonly #lastRunning = new Map<string, string>();
  #updateRevision: string | undefined;

  /** All pods, or those of one workload. */
  all(workload?: Workload): readonly Pod[] {
    const pods = [...this.#pods.values()];
    return workload === undefined ? pods : pods.filter((pod) => componentOf(pod) === WORKLOADS[workload]);
  }

  /** A pod by its name. */
  get(name: string): Pod | undefined {
    return this.#pods.get(name);
  }

  /** Everything there is, after a list. */
  replace(pods: readonly Pod[]): void {
    this.#pods.clear();
    for (const pod of pods) this.#put(pod);
  }

  /** One change. */
  apply(type: ChangeType, pod: Pod): void {
    if (type === 'DELETED') this.#pods.delete(pod.metadata.name);
    else this.#put(pod);
  }

  /** The revision to which MySQL's StatefulSet brings its pods; undefined when nobody knows. */
  set updateRevision(revision: string | undefined) {
    this.#updateRevision = revision;
  }

  /**
   * A pod that was deleted by force is gone from here at once, and one of the same name appears, while its server still
   * runs: it is leaving until another pod's server runs in its place.
   */
  notice(member: string): MemberNotice {
    const pod = this.#pods.get(member);
    const ran = this.#lastRunning.get(member);
    const replaced = ran !== undefined && pod?.metadata.uid !== ran;
    const revision = pod?.metadata.labels?.['controller-revision-hash'];
    return {
      leaving: replaced || pod?.metadata.deletionTimestamp !== undefined || ENDED.has(pod?.status?.phase ?? ''),
      outdated: this.#updateRevision !== undefined && revision !== undefined && revision !== this.#updateRevision,
    };
  }

  #put(pod: Pod): void {
    const { name, uid } = pod.metadata;
    this.#pods.set(name, pod);
    const server = pod.status?.containerStatuses?.find((container) => container.name === WORKLOADS.mysql);
    if (componentOf(pod) === WORKLOADS.mysql && server?.state?.running !== undefined) this.#lastRunning.set(name, uid);
  }
}

/** Which workload a pod is of, by its label. */
export const componentOf = ({ metadata }: Pod): string | undefined => metadata.labels?.[LABELS.component];
