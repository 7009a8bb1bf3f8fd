import { operatorToken } from '../../common/operator-api.ts';
import { Problem } from '../programs/problem.ts';
import { ask } from '../stack/http.ts';
import type { HttpAnswer } from '../stack/http.ts';
import { baseOf, pathsIn, portsFrom } from '../stack/layout.ts';
import { readSecrets } from '../stack/secrets.ts';
import { requireRunning } from './running.ts';

/** What the operator is asked to do. */
export interface OrderForOperator {
  /** One of OPERATOR_API. */
  readonly path: string;
  readonly body?: unknown;
  /** Milliseconds for the whole of it. */
  readonly limitMs: number;
}

/** What the operator answered to an order that it has obeyed. */
export interface OperatorAnswer {
  readonly text: string;
  readonly [more: string]: unknown;
}

/**
 * Has the operator of the stack that runs on a data folder do something.
 * @throws NotRunningError, or Problem with the operator's own words when it refuses, with ours when it does not answer
 */
export async function tellOperator(dataDir: string, { path, body, limitMs }: OrderForOperator): Promise<OperatorAnswer> {
  const { operator: port } = portsFrom(baseOf(requireRunning(dataDir).statusPort));
  const token = operatorToken(readSecrets(pathsIn(dataDir).secrets).mysql.operator);
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const request = { method: 'POST', path, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) } as const;
  const answer = await ask(port, request, AbortSignal.timeout(limitMs)).catch((error: unknown) => {
    throw new Problem(silence(error, port, limitMs), { cause: error });
  });
  const { ok, ...said } = understood(answer, port);
  if (!ok) throw new Problem(said.text);
  return said;
}

/** Why there is no answer, and what helps. */
function silence(error: unknown, port: number, limitMs: number): string {
  const { name, code } = error as NodeJS.ErrnoException;
  if (code === 'ECONNREFUSED') return `The operator does not answer on port ${port}: it is being started again, so try again in a moment; npm run logs operator says more.`;
  const what = name === 'AbortError' || name === 'TimeoutError' ? `has not answered within ${limitMs / 1000} s` : 'ended before it answered';
  return `The operator ${what}: npm run status says what became of it.`;
}

function understood({ status, body }: HttpAnswer, port: number): { readonly ok: boolean; readonly text: string } {
  try {
    const { ok, text, ...more } = JSON.parse(body) as { readonly ok?: unknown; readonly text?: unknown };
    if (typeof text === 'string' && text !== '') return { ...more, ok: ok === true, text };
  } catch {
    // No JSON: whoever answers there is not the operator.
  }
  throw new Problem(`What answers on port ${port} with ${status} is not the operator of this version: stop the stack with npm stop and start it again.`);
}
