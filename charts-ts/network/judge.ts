import { WORKLOADS } from '../../common/kubernetes.ts';
import type { Workload } from '../../common/kubernetes.ts';
import { selectorOf } from '../objects.ts';
import { CLIENT_LABEL } from './allowed.ts';
import type { Connection } from './allowed.ts';

/** A pod, as policies see it. */
export interface PodView {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

interface Selector {
  readonly matchLabels?: Readonly<Record<string, string>>;
}
interface Peer {
  readonly podSelector?: Selector;
  readonly namespaceSelector?: Selector;
}
interface Rule {
  readonly from?: readonly Peer[];
  readonly to?: readonly Peer[];
  readonly ports?: readonly { readonly port?: number; readonly protocol?: string }[];
}
interface Spec {
  readonly podSelector: Selector;
  readonly policyTypes: readonly string[];
  readonly ingress?: readonly Rule[];
  readonly egress?: readonly Rule[];
}

const matches = ({ matchLabels = {} }: Selector, labels: Readonly<Record<string, string>>): boolean => Object.entries(matchLabels).every(([key, value]) => labels[key] === value);

/**
 * Says of policies what a cluster that enforces them would do, for tests on clusters that do not. It knows what these
 * policies use: labels to match, ports by number, and namespaces that are either this one or any.
 */
export class Judge {
  readonly #namespace: string;
  readonly #specs: readonly Spec[];

  constructor(namespace: string, policies: readonly { readonly spec: object }[]) {
    this.#namespace = namespace;
    this.#specs = policies.map(({ spec }) => spec as Spec);
  }

  /** Whether both ends allow it. */
  allows({ from, to, port, protocol }: Connection): boolean {
    if (from === 'node') return true;
    const leaves = !isWorkload(from) || this.mayLeave(this.#pod(from), to, port, protocol);
    return leaves && (!isWorkload(to) || this.admits(isWorkload(from) ? this.#pod(from) : stranger(from), to, port, protocol));
  }

  /** Whether a workload's pods take a connection; `from` undefined: it comes from no pod. */
  admits(from: PodView | undefined, to: Workload, port: number, protocol = 'TCP'): boolean {
    return this.#allowed('Ingress', this.#pod(to), from, { port, protocol });
  }

  /** Whether a pod may connect to a workload or somebody outside. */
  mayLeave(from: PodView, to: Connection['to'], port: number, protocol = 'TCP'): boolean {
    return this.#allowed('Egress', from, isWorkload(to) ? this.#pod(to) : undefined, { port, protocol });
  }

  #pod(workload: Workload): PodView {
    return { namespace: this.#namespace, labels: selectorOf(workload) };
  }

  #allowed(direction: 'Ingress' | 'Egress', pod: PodView, other: PodView | undefined, on: { readonly port: number; readonly protocol: string }): boolean {
    const about = pod.namespace === this.#namespace ? this.#specs.filter((spec) => spec.policyTypes.includes(direction) && matches(spec.podSelector, pod.labels)) : [];
    if (about.length === 0) return true;
    return about.flatMap((spec) => (direction === 'Ingress' ? spec.ingress : spec.egress) ?? []).some((rule) => {
      const peers = direction === 'Ingress' ? rule.from : rule.to;
      const portFits = rule.ports === undefined || rule.ports.some(({ port, protocol = 'TCP' }) => port === on.port && protocol === on.protocol);
      return portFits && (peers === undefined || (other !== undefined && peers.some((peer) => this.#isPeer(peer, other))));
    });
  }

  #isPeer({ podSelector = {}, namespaceSelector }: Peer, { namespace, labels }: PodView): boolean {
    return (namespaceSelector !== undefined || namespace === this.#namespace) && matches(podSelector, labels);
  }
}

const isWorkload = (party: string): party is Workload => Object.hasOwn(WORKLOADS, party);

const stranger = (from: string): PodView | undefined => (from === 'anyone' ? undefined : { namespace: 'elsewhere', labels: { [CLIENT_LABEL]: from.replace(/-client$/, '') } });
