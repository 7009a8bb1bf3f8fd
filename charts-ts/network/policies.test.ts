import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CONNECTIONS } from './allowed.ts';
import { Judge } from './judge.ts';
import { policiesFor } from './policies.ts';

const judge = new Judge('holdfast', policiesFor('holdfast', CONNECTIONS));

test('every connection that a part needs is allowed', () => {
  for (const connection of CONNECTIONS) assert.ok(judge.allows(connection), `${connection.from} → ${connection.to}:${connection.port} (${connection.why}) is refused`);
});

test('connections that nobody needs are refused', () => {
  const refused = [
    ['edge', 'mysql', 3306], ['edge', 'redis', 6379], ['edge', 'operator', 8080], ['edge', 'web', 9090], ['edge', 'api-server', 443],
    ['web', 'mysql', 33_062], ['web', 'operator', 8080], ['web', 'edge', 8080], ['web', 'web', 8080], ['web', 'api-server', 6443],
    ['redis', 'mysql', 3306], ['redis', 'web', 8080], ['redis', 'operator', 8080], ['redis', 'api-server', 443],
    ['mysql', 'redis', 6379], ['mysql', 'web', 8080], ['mysql', 'operator', 8080], ['mysql', 'api-server', 443],
    ['operator', 'redis', 6379], ['operator', 'edge', 8080], ['operator', 'operator', 8080],
    ['anyone', 'mysql', 3306], ['anyone', 'mysql', 33_062], ['anyone', 'redis', 6379], ['anyone', 'redis', 26_379], ['anyone', 'web', 8080],
    ['anyone', 'web', 9090], ['anyone', 'operator', 8080], ['anyone', 'edge', 8081],
    ['mysql-client', 'mysql', 33_062], ['mysql-client', 'redis', 6379], ['mysql-client', 'web', 9090], ['metrics-client', 'mysql', 3306], ['metrics-client', 'web', 8080],
  ] as const;
  for (const [from, to, port] of refused) assert.ok(!judge.allows({ from, to, port, why: '' }), `${from} → ${to}:${port} is allowed`);
});

test('what is allowed by TCP is not by UDP', () => {
  assert.ok(!judge.allows({ from: 'web', to: 'mysql', port: 3306, protocol: 'UDP', why: '' }));
});

test('a pod of another namespace is nobody, whatever its labels say', () => {
  const stranger = { namespace: 'elsewhere', labels: { 'app.kubernetes.io/name': 'holdfast', 'app.kubernetes.io/component': 'web' } };
  assert.ok(!judge.admits(stranger, 'mysql', 3306));
  assert.ok(judge.admits({ namespace: 'elsewhere', labels: { 'holdfast/client': 'mysql' } }, 'mysql', 3306));
});

test('a pod of the namespace that is none of ours may neither be reached nor reach anybody', () => {
  assert.ok(!judge.admits({ namespace: 'holdfast', labels: {} }, 'web', 8080));
  assert.ok(!judge.mayLeave({ namespace: 'holdfast', labels: {} }, 'name-server', 53));
});

test('docs/kubernetes.md shows the same table', () => {
  const text = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'kubernetes.md'), 'utf8');
  const shown = text.split('\n').filter((row) => /^\| \S+ \| \S+ \| \d+ \|/.test(row));
  assert.deepEqual(shown, CONNECTIONS.filter(({ to }) => to !== 'name-server').map(({ from, to, port, why }) => `| ${from} | ${to} | ${port} | ${why} |`));
});
