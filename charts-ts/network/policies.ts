import type { V1NetworkPolicy, V1NetworkPolicyEgressRule, V1NetworkPolicyIngressRule, V1NetworkPolicyPeer, V1NetworkPolicyPort } from '@kubernetes/client-node';
import { WORKLOADS } from '../../common/kubernetes.ts';
import type { Workload } from '../../common/kubernetes.ts';
import { componentLabel, selectorOf } from '../objects.ts';
import { CLIENT_LABEL } from './allowed.ts';
import type { Connection } from './allowed.ts';

const portOf = ({ port, protocol }: Connection): V1NetworkPolicyPort => ({ port, protocol: protocol ?? 'TCP' });

const isWorkload = (party: string): party is Workload => Object.hasOwn(WORKLOADS, party);

/** @returns no peers where everybody is meant */
function peersOf(party: Connection['from'] | Connection['to']): readonly V1NetworkPolicyPeer[] {
  if (isWorkload(party)) return [{ podSelector: { matchLabels: selectorOf(party) } }];
  const client = /^(.*)-client$/.exec(party)?.[1];
  return client === undefined ? [] : [{ namespaceSelector: {}, podSelector: { matchLabels: { [CLIENT_LABEL]: client } } }];
}

/** One rule per other party, with all its ports. */
function grouped(connections: readonly Connection[], party: 'from' | 'to'): readonly { readonly peers: V1NetworkPolicyPeer[]; readonly ports: V1NetworkPolicyPort[] }[] {
  const parties = [...new Set(connections.map((connection) => connection[party]))];
  return parties.map((name) => ({ peers: [...peersOf(name)], ports: connections.filter((connection) => connection[party] === name).map(portOf) }));
}

const fromRules = (connections: readonly Connection[]): V1NetworkPolicyIngressRule[] =>
  grouped(connections, 'from').map(({ peers, ports }) => ({ ...(peers.length === 0 ? {} : { _from: peers }), ports }));

const toRules = (connections: readonly Connection[]): V1NetworkPolicyEgressRule[] =>
  grouped(connections, 'to').map(({ peers, ports }) => ({ ...(peers.length === 0 ? {} : { to: peers }), ports }));

/** A policy as it is sent: `_from` is only the client's name for a word that TypeScript keeps for itself. */
type Sent = Omit<V1NetworkPolicy, 'spec'> & { readonly spec: object };

function policy(namespace: string, workload: Workload, connections: readonly Connection[]): Sent {
  // A pod's own node always reaches it.
  const ingress = fromRules(connections.filter(({ from, to }) => to === workload && from !== 'node')).map(({ _from, ports }) => ({ ...(_from === undefined ? {} : { from: _from }), ports }));
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: workload, namespace, labels: componentLabel(workload) },
    spec: { podSelector: { matchLabels: selectorOf(workload) }, policyTypes: ['Ingress', 'Egress'], ingress, egress: toRules(connections.filter(({ from }) => from === workload)) },
  };
}

/** The policies that allow these connections in a namespace, and nothing else there. */
export const policiesFor = (namespace: string, connections: readonly Connection[]): readonly Sent[] => [
  { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'nothing-else', namespace }, spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] } },
  ...(Object.keys(WORKLOADS) as Workload[]).map((workload) => policy(namespace, workload, connections)),
];
