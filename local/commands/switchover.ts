import { parseArgs } from 'node:util';
import { OPERATOR_API } from '../../common/operator-api.ts';
import { EXIT, print, UsageError } from './command.ts';
import type { Command, Invocation } from './command.ts';
import { tellOperator } from './orders.ts';

/** Longer than the operator's own limit. */
const LIMIT_MS = 45_000;

async function switchover({ dataDir, args }: Invocation): Promise<number> {
  const { positionals: [to, ...more] } = parseArgs({ args: [...args], options: {}, allowPositionals: true });
  if (more.length > 0) throw new UsageError('npm run switchover takes one member at most');
  const { text } = await tellOperator(dataDir, { path: OPERATOR_API.switchover, body: to === undefined ? {} : { to }, limitMs: LIMIT_MS });
  print(text);
  return EXIT.ok;
}

/** `npm run switchover`. */
export const switchoverCommand: Command = { usage: '[MEMBER]', summary: 'make another member the primary, or the one named', run: switchover };
