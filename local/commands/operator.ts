import { parseArgs } from 'node:util';
import { OPERATOR_API } from '../../common/operator-api.ts';
import { EXIT, print, UsageError } from './command.ts';
import type { Command, Invocation } from './command.ts';
import { tellOperator } from './orders.ts';

const LIMIT_MS = 5000;
const PATHS: ReadonlyMap<string | undefined, string> = new Map([['pause', OPERATOR_API.pause], ['resume', OPERATOR_API.resume]]);

async function operator({ dataDir, args }: Invocation): Promise<number> {
  const { positionals: [word, ...more] } = parseArgs({ args: [...args], options: {}, allowPositionals: true });
  const path = PATHS.get(word);
  if (path === undefined || more.length > 0) throw new UsageError(`npm run operator wants one of ${[...PATHS.keys()].join(', ')}`);
  const { text } = await tellOperator(dataDir, { path, limitMs: LIMIT_MS });
  print(text);
  return EXIT.ok;
}

/** `npm run operator`. */
export const operatorCommand: Command = { usage: 'pause|resume', summary: 'maintenance: the operator watches and does nothing, until it is resumed', run: operator };
