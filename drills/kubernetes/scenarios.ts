import { twoAtRandom } from '../faults/pairs.ts';
import { CLUSTER_LOAD } from '../load/load.ts';
import { NOTHING_FAILS } from '../scenario.ts';
import type { Bounds } from '../verdict/judge.ts';
import { allNodesFail, nodeFails, primaryBesideEdge, primaryBesideLeader, type NodeFault } from './faults/nodes.ts';
import { longTransaction } from './faults/orders.ts';
import { containerKill, podDelete } from './faults/pods.ts';
import { ROLES, type Role } from './faults/victims.ts';
import { allPods, apiAway, drainEachNode, operatorAndPrimary, rolloutEachWorkload, scaleWeb } from './faults/whole.ts';
import type { ClusterScenario } from './stage.ts';

/** A scenario as it is written down here: under the usual load, anywhere. */
type Written = Omit<ClusterScenario, 'needs' | 'load'>;

/** Pods come back within a minute or two; what was on them is checked then. */
const NOTHING: Bounds = { ...NOTHING_FAILS, healMs: 120_000 };

/** A client that has connections into a broken edge loses what is under way on them. */
const EDGE: Bounds = { ...NOTHING, failures: 'on the connections of the victim' };

/** What a fault may cost at most, by whom it hits. */
function boundsOf({ name }: Role, medianWriteGapMs: number): Bounds {
  if (name === 'edge') return EDGE;
  return name === 'mysql-primary' ? { ...NOTHING, longestWriteGapMs: 2000, medianWriteGapMs } : NOTHING;
}

const PODS: readonly Written[] = ROLES.flatMap((role) => [
  { name: `pod-delete-${role.name}`, says: `kubectl delete pod: ${role.name}`, fault: podDelete(role, 'in order'), bounds: boundsOf(role, 300) },
  { name: `pod-force-delete-${role.name}`, says: `kubectl delete pod --force: ${role.name}`, fault: podDelete(role, 'by force'), bounds: boundsOf(role, 500) },
  { name: `container-kill-${role.name}`, says: `kill -9 of the server in its container: ${role.name}`, fault: containerKill(role), bounds: boundsOf(role, 500) },
]);

const NODE_FAULTS: readonly (readonly [NodeFault, string])[] = [['kill', 'loses power'], ['cut', 'is unplugged'], ['pause', 'hangs']];

const NODES: readonly Written[] = NODE_FAULTS.flatMap(([fault, says]) => [
  {
    name: `node-${fault}`, says: `the primary's node ${says}, an edge on it, until Kubernetes has noticed`,
    prepare: primaryBesideEdge, fault: nodeFails(fault), bounds: { ...EDGE, longestWriteGapMs: 2500 },
  },
  {
    name: `node-${fault}-with-leader`, says: `the same with the acting operator on it`,
    prepare: primaryBesideLeader, fault: nodeFails(fault), bounds: { ...EDGE, longestWriteGapMs: 5000 },
  },
]);

const WHOLE: readonly Written[] = [
  { name: 'drain-each-node', says: 'kubectl drain and uncordon, node by node', fault: drainEachNode, bounds: NOTHING },
  { name: 'rollout-each-workload', says: 'kubectl rollout restart, workload by workload', fault: rolloutEachWorkload, bounds: NOTHING },
  { name: 'scale-web', says: 'kubectl scale: the web to six, to two, and back', fault: scaleWeb, bounds: NOTHING },
  { name: 'operator-and-primary-together', says: 'the pods of the primary and the acting operator are deleted by force at once', fault: operatorAndPrimary, bounds: { ...NOTHING, longestWriteGapMs: 5000 } },
  { name: 'api-away', says: 'the API server is away when mysqld of the primary is killed', fault: apiAway, bounds: { ...NOTHING, longestWriteGapMs: 2000 } },
  { name: 'all-pods', says: 'every pod is deleted at once', fault: allPods, bounds: { ...NOTHING, failures: 'any', healMs: 240_000 } },
  { name: 'all-nodes', says: 'all nodes lose power at once, for 20 s', fault: allNodesFail, bounds: { ...NOTHING, failures: 'any', healMs: 300_000 } },
];

const CLIENTS: readonly Written[] = [
  { name: 'long-transaction', says: 'a switchover while a transaction with 20,000 rows is open', fault: longTransaction, bounds: { ...NOTHING, longestWriteGapMs: 2000 } },
  {
    name: 'two-faults', says: 'two random faults of a pod or a process, at random times',
    fault: twoAtRandom(PODS.map(({ name, fault, bounds: { failures } }) => () => ({ name, fault, failures }))), bounds: { ...NOTHING, failures: 'any', healMs: 240_000 },
  },
];

/** Every drill on Kubernetes, in the order of the list. */
export const CLUSTER_SCENARIOS: readonly ClusterScenario[] = [...PODS, ...NODES, ...WHOLE, ...CLIENTS].map((one) => ({ needs: 'any stack', load: CLUSTER_LOAD, ...one }));
