import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { orderFrom } from './order.ts';

test('an order names its path and what goes with it', () => {
  assert.deepEqual(orderFrom(['status']), { method: 'GET', path: '/status' });
  assert.deepEqual(orderFrom(['switchover']), { method: 'POST', path: '/switchover', body: {} });
  assert.deepEqual(orderFrom(['switchover', 'mysql-1']), { method: 'POST', path: '/switchover', body: { to: 'mysql-1' } });
  assert.deepEqual(orderFrom(['failover']), { method: 'POST', path: '/failover' });
  assert.deepEqual(orderFrom(['failover', '--accept-loss', 'p1']), { method: 'POST', path: '/failover', body: { plan: 'p1' } });
});

test('what makes no sense is no order', () => {
  assert.deepEqual([[], ['reboot'], ['pause', 'mysql-1'], ['switchover', 'a', 'b'], ['pause', '--accept-loss', 'p1'], ['status', '--bogus'], ['failover', '--accept-loss']].map((args) => orderFrom(args)), [undefined, undefined, undefined, undefined, undefined, undefined, undefined]);
});

const LIMIT = { timeout: 30_000 };
const WHERE = 'run this in the pod of the operator that acts, by the kubectl exec of docs/kubernetes.md';

/** What `order.ts status` says when it fails, in an environment of nothing but these. */
function refusal(env: Readonly<Record<string, string>>): Promise<readonly [code: unknown, error: string]> {
  return new Promise((resolve) => {
    execFile(process.execPath, [join(import.meta.dirname, 'order.ts'), 'status'], { env, timeout: 20_000 }, (error, _stdout, stderr) => resolve([error?.code, stderr]));
  });
}

/** A server that answers every request alike, and its port. */
async function listening(body: string): Promise<{ readonly port: string; readonly close: () => unknown }> {
  const server = createServer((_request, response) => void response.end(body)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: String((server.address() as AddressInfo).port), close: () => server.close() };
}

test('where no operator listens, one sentence says so, and where it does', LIMIT, async () => {
  const { port, close } = await listening('');
  close();
  assert.deepEqual(await refusal({ MYSQL_OPERATOR_PASSWORD: 'x', OPERATOR_PORT: port }), [1, `No operator listens on http://127.0.0.1:${port}: ${WHERE}.\n`]);
  assert.deepEqual(await refusal({ MYSQL_OPERATOR_PASSWORD: 'x', OPERATOR_PORT: 'abc' }), [1, 'OPERATOR_PORT: "abc" is not valid: expected a whole number from 1 to 65535.\n']);
});

test('what answers and is no operator is named', LIMIT, async () => {
  const { port, close } = await listening('<html>');
  assert.deepEqual(await refusal({ MYSQL_OPERATOR_PASSWORD: 'x', OPERATOR_PORT: port }), [1, `What answers on http://127.0.0.1:${port} is no operator: ${WHERE}.\n`]);
  close();
});

test('outside of an operator\'s pod there is no password, and that is said', LIMIT, async () => {
  assert.deepEqual(await refusal({}), [1, `Neither MYSQL_OPERATOR_PASSWORD nor POD_NAMESPACE is set, as in an operator's pod: ${WHERE}.\n`]);
  const [code, error] = await refusal({ POD_NAMESPACE: 'holdfast' });
  assert.equal(code, 1);
  assert.match(error, /^Reading the password from the Secret in holdfast failed: .*\n$/);
});
