import { USERS } from '../../../common/names.ts';
import { OPERATOR_API, operatorToken } from '../../../common/operator-api.ts';
import { whileOneIsOpen } from '../../faults/clients.ts';
import { Sequence } from '../../faults/sequence.ts';
import { primaryOf } from '../../stack/table.ts';
import type { ClusterFault, ClusterStage } from '../stage.ts';
import { primaryMoved } from './proofs.ts';
import { leaderOf } from './victims.ts';

/**
 * Asks the operator that acts for another primary, as a person would.
 * @param to whom; undefined: whoever is best
 * @returns what the operator says
 */
export async function orderSwitchover(stage: ClusterStage, to?: string): Promise<string> {
  const { stack, signal } = stage;
  const leader = await leaderOf(stage);
  const token = operatorToken(stack.password(USERS.operator));
  return await stack.order(leader.pod, OPERATOR_API.switchover, { token, body: to === undefined ? {} : { to } }, signal);
}

/** A transaction with many rows is open, from the service's own account, when a person asks for another primary. */
export const longTransaction: ClusterFault = async (stage) => {
  const act = async () => {
    const steps = new Sequence(stage.now);
    const old = await primaryOf(stage.stack, stage.signal);
    steps.did(`A switchover was ordered, with ${old} as the primary.`);
    steps.saw(`The operator said: ${await orderSwitchover(stage)}`);
    steps.saw(await primaryMoved(stage, old));
    return steps.damage();
  };
  return await whileOneIsOpen(stage, (name) => stage.stack.sql(name, USERS.service), act);
};
