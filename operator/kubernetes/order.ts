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

/** Something that the person at the keyboard can mend: one sentence with its remedy. */
class OrderError extends Error {
  override name = 'OrderError';
}

const WHERE = 'run this in the pod of the operator that acts, by the kubectl exec of docs/kubernetes.md';

/** The environment has the password but in a pod that made it itself. */
async function password(): Promise<string> {
  const { MYSQL_OPERATOR_PASSWORD: own = '', POD_NAMESPACE: namespace = '' } = process.env;
  if (own !== '') return own;
  if (namespace === '') throw new OrderError(`Neither MYSQL_OPERATOR_PASSWORD nor POD_NAMESPACE is set, as in an operator's pod: ${WHERE}.`);
  try {
    const api = openApi(defaultKubeConfig());
    const { passwords } = await ensureSecret({ api, path: pathsOf(namespace).secrets(), known: {}, hasData: () => Promise.resolve(true) });
    api.close();
    return passwords[USERS.operator] ?? '';
  } catch (cause) {
    throw new OrderError(`Reading the password from the Secret in ${namespace} failed: ${(cause as Error).message}`, { cause });
  }
}

/** Where the operator of this pod listens. */
function operatorUrl(): string {
  const text = process.env['OPERATOR_PORT'] ?? String(PORTS.operator);
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw new OrderError(`OPERATOR_PORT: ${JSON.stringify(text)} is not valid: expected a whole number from 1 to 65535.`);
  return `http://127.0.0.1:${port}`;
}

async function ask(url: string, { method, path, body }: Order): Promise<{ readonly ok: boolean; readonly text: string }> {
  const headers = { 'authorization': `Bearer ${operatorToken(await password())}`, 'content-type': 'application/json' };
  try {
    const response = await fetch(`${url}${path}`, { method, headers, signal: AbortSignal.timeout(LIMIT_MS), ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    return { ok: response.ok, text: await response.text() };
  } catch (error) {
    const { name, message, cause } = error as Error & { readonly cause?: NodeJS.ErrnoException };
    if (cause?.code === 'ECONNREFUSED') throw new OrderError(`No operator listens on ${url}: ${WHERE}.`, { cause });
    if (name === 'TimeoutError') throw new OrderError(`The operator on ${url} did not answer within ${LIMIT_MS / 1000} s; ask for its status before the order is repeated.`, { cause: error });
    throw new OrderError(`Asking the operator on ${url} failed: ${cause?.message ?? message}; ask for its status before the order is repeated.`, { cause: error });
  }
}

async function send(order: Order): Promise<number> {
  const url = operatorUrl();
  const { ok, text } = await ask(url, order);
  let answer: { readonly text?: string; readonly plan?: string };
  try {
    answer = JSON.parse(text) as typeof answer;
  } catch (cause) {
    throw new OrderError(`What answers on ${url} is no operator: ${WHERE}.`, { cause });
  }
  process.stdout.write(`${answer.text ?? JSON.stringify(answer, undefined, 2)}\n${answer.plan === undefined ? '' : `PLAN ${answer.plan}\n`}`);
  return ok ? 0 : FAILED_EXIT;
}

async function main(): Promise<number> {
  const order = orderFrom(process.argv.slice(2));
  if (order === undefined) {
    process.stderr.write(USAGE);
    return USAGE_EXIT;
  }
  try {
    return await send(order);
  } catch (error) {
    if (!(error instanceof OrderError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return FAILED_EXIT;
  }
}

if (import.meta.main) process.exitCode = await main();
