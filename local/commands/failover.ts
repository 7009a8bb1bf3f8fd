import { parseArgs } from 'node:util';
import { OPERATOR_API } from '../../common/operator-api.ts';
import type { FailoverOffer } from '../../common/operator-api.ts';
import { Problem } from '../programs/problem.ts';
import { EXIT, print, UsageError } from './command.ts';
import type { Command, Invocation } from './command.ts';
import { isConfirmed } from './confirm.ts';
import { tellOperator } from './orders.ts';
import type { OperatorAnswer } from './orders.ts';

/** For the operator to say what would be lost: it asks every member anew. */
const PLAN_LIMIT_MS = 15_000;
/** For the failover: members may have much left to apply. */
const LIMIT_MS = 120_000;

/** Nobody decides on a loss that was not told. */
function offerIn(answer: OperatorAnswer): FailoverOffer {
  const { plan, lost, lostCount, away } = answer;
  if (typeof plan !== 'string' || typeof lost !== 'string' || typeof lostCount !== 'number' || !Array.isArray(away)) {
    throw new Problem('The operator did not say what would be lost: look at npm run logs operator, and stop and start the stack if it is of another version.');
  }
  return answer as OperatorAnswer & FailoverOffer;
}

async function failover({ dataDir, args }: Invocation): Promise<number> {
  const options = { 'accept-loss': { type: 'boolean', default: false }, yes: { type: 'boolean', short: 'y', default: false } } as const;
  const { values } = parseArgs({ args: [...args], options });
  if (!values['accept-loss']) throw new UsageError('The operator fails over by itself when nothing can be lost by it; what it refuses is done with npm run failover -- --accept-loss');
  const { text, plan, lostCount, away } = offerIn(await tellOperator(dataDir, { path: OPERATOR_API.failover, limitMs: PLAN_LIMIT_MS }));
  print(text);
  const consequence = lostCount === 0 && away.length === 0 ? 'This changes the primary.' : 'What is lost is then lost for good.';
  if (!values.yes && !(await isConfirmed(consequence, 'npm run failover -- --accept-loss --yes'))) {
    print('Nothing was done.');
    return EXIT.failed;
  }
  print((await tellOperator(dataDir, { path: OPERATOR_API.failover, body: { plan }, limitMs: LIMIT_MS })).text);
  return EXIT.ok;
}

/** `npm run failover`. */
export const failoverCommand: Command = { usage: '--accept-loss [--yes]', summary: 'carry out a failover that is refused: shows what would be lost, and asks', run: failover };
