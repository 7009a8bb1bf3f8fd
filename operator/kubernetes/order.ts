import { parseArgs } from 'node:util';
import { USAGE_EXIT } from '../../common/arguments.ts';
import { PORTS } from '../../common/kubernetes.ts';
import { USERS } from '../../common/names.ts';
import { OPERATOR_API, operatorToken } from '../../common/operator-api.ts';
import { defaultKubeConfig, openApi } from './api.ts';
import { pathsOf } from './paths.ts';
import { ensureSecret } from './secret.ts';

const USAGE = `node operator/kubernetes/order.ts ORDER, in the pod of the operator that acts
  status                         what it sees, as JSON
  switchover [MEMBER]            make another member the primary, or the one named
  pause, resume                  maintenance: it watches, and does nothing until it is resumed
  failover [--accept-loss PLAN]  what a failover that is refused would lose, and its PLAN; with the PLAN: carry it out
`;

/** Longer than any of the operator's own limits, ms. */
const LIMIT_MS = 120_000;
const FAILED_EXIT = 1;

/** What is sent to the operator. */
interface Order {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: Readonly<Record<string, string>>;
}

function wordsIn(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: { 'accept-loss': { type: 'string' } }, allowPositionals: true });
  } catch {
    return { values: {}, positionals: [] };
  }
}

/** Reads the arguments; undefined when they make no sense. */
export function orderFrom(args: readonly string[]): Order | undefined {
  const { values, positionals: [word, member, ...more] } = wordsIn(args);
  const plan = values['accept-loss'];
  if (more.length > 0 || (member !== undefined && word !== 'switchover') || (plan !== undefined && word !== 'failover')) return undefined;
  switch (word ?? '') {
    case 'status': return { method: 'GET', path: '/status' };
    case 'switchover': return { method: 'POST', path: OPERATOR_API.switchover, body: member === undefined ? {} : { to: member } };
    case 'pause': return { method: 'POST', path: OPERATOR_API.pause };
    case 'resume': return { method: 'POST', path: OPERATOR_API.resume };
    case 'failover': return { method: 'POST', path: OPERATOR_API.failover, ...(plan === undefined ? {} : { body: { plan } }) };
    default: return undefined;
  }
}

/** The environment has the password but in a pod that made it itself. */
async function password(): Promise<string> {
  const { MYSQL_OPERATOR_PASSWORD: own = '', POD_NAMESPACE: namespace = '' } = process.env;
  if (own !== '') return own;
  const api = openApi(defaultKubeConfig());
  const { passwords } = await ensureSecret({ api, path: pathsOf(namespace).secrets(), known: {}, hasData: () => Promise.resolve(true) });
  api.close();
  return passwords[USERS.operator] ?? '';
}

async function send({ method, path, body }: Order): Promise<number> {
  const port = process.env['OPERATOR_PORT'] ?? PORTS.operator;
  const headers = { 'authorization': `Bearer ${operatorToken(await password())}`, 'content-type': 'application/json' };
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers, signal: AbortSignal.timeout(LIMIT_MS), ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  const answer = (await response.json()) as { readonly text?: string; readonly plan?: string };
  process.stdout.write(`${answer.text ?? JSON.stringify(answer, undefined, 2)}\n${answer.plan === undefined ? '' : `PLAN ${answer.plan}\n`}`);
  return response.ok ? 0 : FAILED_EXIT;
}

if (import.meta.main) {
  const order = orderFrom(process.argv.slice(2));
  if (order === undefined) process.stderr.write(USAGE);
  process.exitCode = order === undefined ? USAGE_EXIT : await send(order);
}
