import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { test } from 'node:test';
import { isNpm } from '../supervisor/ancestors.ts';
import { takenSentence } from './free-ports.ts';
import { allPorts, baseOf, membersFrom, portsFrom } from './layout.ts';
import { membersText } from '../../common/members.ts';
import { PORT_SPAN } from './config.ts';
import { redisRole, roleIn } from './redis-role.ts';
import { wholeStatus } from './status.ts';
import type { KnownStatus } from './status.ts';

test('no two things share a port, and all are within the span from the base port', () => {
  const ports = allPorts(18_000).map(({ port }) => port);
  assert.equal(new Set(ports).size, 20);
  assert.ok(ports.every((port) => port >= 18_000 && port < 18_000 + PORT_SPAN));
  assert.equal(baseOf(portsFrom(18_000).supervisor), 18_000);
});

test('every program is told the members in one form', () => {
  assert.equal(membersText(membersFrom(18_000)), 'mysql-0=127.0.0.1:18000/18010,mysql-1=127.0.0.1:18001/18011,mysql-2=127.0.0.1:18002/18012');
});

test('taken ports are named with what wants them and the setting that moves them', () => {
  assert.equal(takenSentence([{ port: 8000, name: 'the service' }], 'PORT=NUMBER'), 'Port 8000 (for the service) is taken by another program: end that, or move it with PORT=NUMBER.');
  const two = [{ port: 18_000, name: 'mysql-0' }, { port: 18_010, name: 'mysql-0' }, { port: 18_060, name: 'operator' }];
  assert.equal(takenSentence(two, 'HOLDFAST_BASE_PORT=NUMBER'), 'Port 18000, 18010, 18060 (for mysql-0, operator) are taken by another program: end that, or move them with HOLDFAST_BASE_PORT=NUMBER.');
});

test('the role is read out of what Redis answers', () => {
  assert.equal(roleIn('+OK\r\n*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n'), 'master');
  assert.equal(roleIn('+OK\r\n*5\r\n$5\r\nslave\r\n$9\r\n127.0.0.1\r\n'), 'replica');
  assert.equal(roleIn('+OK\r\n*5\r\n$5\r\nsla'), undefined);
});

test('a Redis that does not answer costs half a second and has no role', async () => {
  const silent = createServer(() => {}).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  const start = performance.now();
  assert.equal(await redisRole(port, 'secret'), null);
  const ms = performance.now() - start;
  assert.ok(ms > 400 && ms < 900, `${ms} ms`);
  silent.close();
});

test('npm is known by its title or its script, and nothing else is', () => {
  const commands = ['npm start', 'npm run drill', '/usr/bin/node /usr/lib/node_modules/npm/bin/npm-cli.js start', 'node /opt/npm run x', 'sh -c node local/main.ts start', 'vim npm.txt', 'pnpm start'];
  assert.deepEqual(commands.map(isNpm), [true, true, true, true, false, false, false]);
});

test('while nothing runs the status has no roles, and the supervisor’s events as they came', async () => {
  const known: KnownStatus = {
    url: 'http://127.0.0.1:8000', dataDir: '/data', basePort: 18_000, pid: 1, startedAt: '2026-01-01T00:00:00.000Z', readySeconds: null, stopping: false,
    processes: [{ name: 'mysql-0', kind: 'mysql', pid: null, port: 18_000, state: 'backing-off', restarts: 1, startedAt: null, health: 'unknown' }],
    events: [{ at: 0, name: 'mysql-0', text: 'ended by SIGKILL' }],
  };
  const status = await wholeStatus(known, 'secret');
  assert.deepEqual(status.processes.map(({ role, lagSeconds }) => [role, lagSeconds]), [[null, null]]);
  assert.equal(status.operator, null);
  assert.deepEqual(status.events, [{ at: '1970-01-01T00:00:00.000Z', text: 'mysql-0 ended by SIGKILL' }]);
});
