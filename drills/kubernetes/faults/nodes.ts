import { setTimeout as sleep } from 'node:timers/promises';
import { Sequence } from '../../faults/sequence.ts';
import { primaryOf } from '../../stack/table.ts';
import { WORKLOADS } from '../../../common/kubernetes.ts';
import { demand, runCommand, type CommandName } from '../cluster/commands.ts';
import { isOver, podsOf, type Pod } from '../cluster/objects.ts';
import type { ClusterFault, ClusterStage } from '../stage.ts';
import { allRestarted, nodeLost, primaryMoved } from './proofs.ts';
import { orderSwitchover } from './orders.ts';
import { leaderOf } from './victims.ts';

/** What can happen to a node, and what mends it. */
export type NodeFault = 'kill' | 'cut' | 'pause';

interface NodeFaultSteps {
  readonly does: CommandName;
  readonly mends: CommandName;
  readonly says: string;
  /** Whether everything on it has to start again. */
  readonly after: 'everything starts again' | 'everything goes on';
}

const STEPS: Readonly<Record<NodeFault, NodeFaultSteps>> = {
  kill: { does: 'node-kill', mends: 'node-start', says: 'lost power', after: 'everything starts again' },
  cut: { does: 'node-cut', mends: 'node-heal', says: 'was unplugged', after: 'everything goes on' },
  pause: { does: 'node-pause', mends: 'node-resume', says: 'hung', after: 'everything goes on' },
};

/** The primary's node fails, until Kubernetes has noticed it. */
export const nodeFails = (fault: NodeFault): ClusterFault => async (stage) => {
  const { stack, signal } = stage;
  const { does, mends, says, after } = STEPS[fault];
  demand(stack.commands, does, mends);
  const steps = new Sequence(stage.now);
  const name = await primaryOf(stack, signal);
  const node = nodeOf(await stack.pod(name, signal));
  const hit = (await stack.pods(signal)).filter((pod) => pod.spec.nodeName === node && !isOver(pod));
  let mended = false;
  const mend = async (): Promise<void> => {
    if (!mended) await runCommand(stack.commands, mends, node);
    mended = true;
  };
  try {
    steps.did(`${node} ${says}, and with it ${hit.map((pod) => pod.metadata.name).join(', ')}.`);
    await runCommand(stack.commands, does, node);
    steps.saw(await primaryMoved(stage, name));
    steps.saw(await nodeLost(stage, node));
    await mend();
    steps.did(`${node} is back.`);
  } finally {
    await mend();
  }
  const untilMs = stage.now();
  if (after === 'everything starts again') steps.saw(await allRestarted(stage, hit));
  return { ...steps.damage(), heldAddresses: { addresses: stack.addressesOf(node), untilMs } };
};

/** So long all nodes are without power, in milliseconds. */
const OUTAGE_MS = 20_000;

/** All nodes lose power at once, and come back. */
export const allNodesFail: ClusterFault = async (stage) => {
  const { stack, signal } = stage;
  demand(stack.commands, 'node-kill', 'node-start');
  const steps = new Sequence(stage.now);
  const nodes = (await stack.nodes(signal)).map((node) => node.metadata.name);
  const hit = (await stack.pods(signal)).filter((pod) => !isOver(pod));
  try {
    steps.did(`${nodes.join(', ')} lost power.`);
    await Promise.all(nodes.map((node) => runCommand(stack.commands, 'node-kill', node)));
    await sleep(OUTAGE_MS, undefined, { signal });
  } finally {
    await Promise.all(nodes.map((node) => runCommand(stack.commands, 'node-start', node)));
  }
  steps.did('They have power again.');
  steps.saw(await allRestarted(stage, hit));
  return steps.damage();
};

const nodeOf = ({ metadata, spec }: Pod): string => {
  if (spec.nodeName === undefined) throw new Error(`${metadata.name} is on no node.`);
  return spec.nodeName;
};

/** Brings the primary to the node of the operator that acts. */
export const primaryBesideLeader = async (stage: ClusterStage): Promise<void> => {
  const leader = await leaderOf(stage);
  await primaryTo(stage, (node) => node === leader.pod.spec.nodeName);
};

/** Brings the primary to a node with an edge and without the operator that acts, where there is one. */
export const primaryBesideEdge = async (stage: ClusterStage): Promise<void> => {
  const leader = await leaderOf(stage);
  await primaryTo(stage, (node) => node !== leader.pod.spec.nodeName && stage.stack.isEdgeNode(node));
};

const MOVE_MS = 60_000;

/** Makes a member on a fitting node the primary, if it is none yet, as a person would: by an order to the operator. */
async function primaryTo(stage: ClusterStage, fits: (node: string) => boolean): Promise<void> {
  const { stack, signal } = stage;
  const members = podsOf(await stack.pods(signal), WORKLOADS.mysql).filter((pod) => fits(nodeOf(pod)));
  const primary = await primaryOf(stack, signal);
  const [to] = members;
  if (to === undefined) throw new Error('No member is on a node that this drill could break: is every node up?');
  if (members.some((pod) => pod.metadata.name === primary)) return;
  stage.note(`${to.metadata.name} is made the primary first.`);
  await orderSwitchover(stage, to.metadata.name);
  await primaryMoved(stage, primary);
  await stack.waitForHealth(MOVE_MS, signal);
}
