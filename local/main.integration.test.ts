import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openDataFolder } from './stack/data-folder.ts';
import { identify } from './supervisor/identity.ts';
import { writeRecord } from './supervisor/record.ts';
import { asEnvironment, freeConfig, runCli } from './testing/cli.ts';

const TIME_LIMIT = { timeout: 30_000 };

let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-cli-'));
});
after(() => rmSync(folder, { recursive: true }));

test('without a command, and with --help, all commands and settings are shown', TIME_LIMIT, async () => {
  const help = await runCli(['--help']);
  assert.equal(help.code, 0);
  for (const word of ['start', 'stop', 'status [--json]', 'logs NAME [-f]', 'reset [--yes]', 'mysql [-- ARGUMENTS]', 'switchover [MEMBER]', 'operator pause|resume', 'failover --accept-loss [--yes]', '--data DIR', 'HOLDFAST_BASE_PORT (18000)']) assert.ok(help.stdout.includes(word), word);
  assert.equal((await runCli([])).code, 2);
  assert.deepEqual(await runCli(['begin']), { code: 2, stdout: '', stderr: 'There is no command begin: see npm run status -- --help.\n' });
});

test('wrong settings are all reported, and nothing is made', TIME_LIMIT, async () => {
  const dataDir = join(folder, 'never');
  const { code, stderr } = await runCli(['start', '--data', dataDir], { PORT: '0', EDGE_CACHE_SECONDS: 'long' });
  assert.equal(code, 2);
  assert.equal(
    stderr,
    'Wrong settings:\n  PORT: "0" is not valid: expected a whole number from 1 to 65535 (port of the service, 1 to 65535).\n  EDGE_CACHE_SECONDS: "long" is not valid: expected a whole number from 0 to 3600 (seconds for which nginx answers a GET from its own cache, 0 for never).\n',
  );
  assert.equal(existsSync(dataDir), false);
});

test('unknown options are refused', TIME_LIMIT, async () => {
  const { code, stderr } = await runCli(['status', '--jsom', '--data', folder]);
  assert.equal(code, 2);
  assert.match(stderr, /^Unknown option '--jsom'/);
  assert.equal((await runCli(['status', '--data', folder, '--data=other'])).stderr, '--data is given twice: see npm run status -- --help.\n');
  assert.equal((await runCli(['status', '--data'])).stderr, '--data needs a folder: see npm run status -- --help.\n');
});

test('options that npm kept for itself are found again, and a data folder that it lost is not replaced by another', TIME_LIMIT, async () => {
  const lost = await runCli(['stop', folder], { npm_lifecycle_event: 'stop', npm_config_data: 'true' });
  assert.deepEqual([lost.code, lost.stderr], [2, 'npm kept --data for itself; it goes behind --, as in npm start -- --data DIR: see npm run status -- --help.\n']);
  const json = await runCli(['status', '--data', folder], { npm_lifecycle_event: 'status', npm_config_json: 'true' });
  assert.equal(json.code, 3);
});

test('a taken port is one sentence with the port and its setting, and nothing is left running', TIME_LIMIT, async (context) => {
  const config = await freeConfig();
  const server = createServer().listen(config.httpPort, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => server.close());
  const taken = await runCli(['start', '--data', join(folder, 'taken')], asEnvironment(config));
  assert.deepEqual([taken.code, taken.stderr], [1, `Port ${config.httpPort} (for the service) is taken by another program: end that, or move it with PORT=NUMBER.\n`]);
  const other = createServer().listen(config.basePort + 21, '127.0.0.1');
  await once(other, 'listening');
  context.after(() => other.close());
  server.close();
  const redis = await runCli(['start', '--data', join(folder, 'taken')], asEnvironment(config));
  assert.deepEqual([redis.code, redis.stderr], [1, `Port ${config.basePort + 21} (for redis-1) is taken by another program: end that, or move it with HOLDFAST_BASE_PORT=NUMBER.\n`]);
  assert.equal(existsSync(join(folder, 'taken', 'supervisor.json')), false);
});

test('commands for a running stack say when none runs', TIME_LIMIT, async () => {
  const sentence = `No stack runs on ${folder}: start it with npm start.\n`;
  assert.deepEqual(await runCli(['status', '--data', folder]), { code: 3, stdout: '', stderr: sentence });
  for (const command of [['mysql'], ['switchover'], ['operator', 'pause'], ['failover', '--accept-loss']]) {
    assert.deepEqual(await runCli([...command, '--data', folder]), { code: 3, stdout: '', stderr: sentence });
  }
  assert.deepEqual(await runCli(['stop', '--data', folder]), { code: 0, stdout: sentence, stderr: '' });
  assert.match((await runCli(['logs', 'web-0', '--data', folder])).stderr, /^There are no logs in /);
  writeFileSync(join(folder, 'logs'), '');
  assert.match((await runCli(['logs', 'web-0', '--data', folder])).stderr, /^Reading the logs in .*logs failed: a file is in the way where a folder is needed: .*\n$/);
  rmSync(join(folder, 'logs'));
});

test('wrong words for the operator are refused before it is asked', TIME_LIMIT, async () => {
  const wrong = async (...args: readonly string[]): Promise<string> => {
    const { code, stderr } = await runCli([...args, '--data', folder]);
    assert.equal(code, 2);
    return stderr.replace(': see npm run status -- --help.\n', '');
  };
  assert.equal(await wrong('operator'), 'npm run operator wants one of pause, resume');
  assert.equal(await wrong('operator', 'stop'), 'npm run operator wants one of pause, resume');
  assert.equal(await wrong('switchover', 'mysql-0', 'mysql-1'), 'npm run switchover takes one member at most');
  assert.equal(await wrong('failover'), 'The operator fails over by itself when nothing can be lost by it; what it refuses is done with npm run failover -- --accept-loss');
});

test('an operator that does not answer is one sentence, and so is something else in its place', TIME_LIMIT, async (context) => {
  const dataDir = join(folder, 'alone');
  openDataFolder(dataDir);
  const { basePort } = await freeConfig();
  const self = identify(process.pid);
  assert.ok(self);
  writeRecord(join(dataDir, 'supervisor.json'), { supervisor: self, statusPort: basePort + 70, processes: [] });
  const none = await runCli(['switchover', '--data', dataDir]);
  assert.deepEqual([none.code, none.stderr], [1, `The operator does not answer on port ${basePort + 60}: it is being started again, so try again in a moment; npm run logs operator says more.\n`]);
  const server = createServer((socket) => socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello'))).listen(basePort + 60, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => server.close());
  const other = await runCli(['operator', 'pause', '--data', dataDir]);
  assert.deepEqual([other.code, other.stderr], [1, `What answers on port ${basePort + 60} with 200 is not the operator of this version: stop the stack with npm stop and start it again.\n`]);
});

test('reset deletes a data folder when told so, and nothing else', TIME_LIMIT, async () => {
  const dataDir = join(folder, 'data');
  openDataFolder(dataDir);
  const unasked = await runCli(['reset', '--data', dataDir]);
  assert.deepEqual([unasked.code, unasked.stderr], [1, `This deletes all data in ${dataDir}. Where nobody can be asked, say so: npm run reset -- --yes\n`]);
  assert.equal(existsSync(dataDir), true);
  assert.equal((await runCli(['reset', '--yes', '--data', dataDir])).code, 0);
  assert.equal(existsSync(dataDir), false);
  assert.equal((await runCli(['reset', '--yes', '--data', dataDir])).stdout, `There is nothing in ${dataDir}.\n`);
  assert.match((await runCli(['reset', '--yes', '--data', folder])).stderr, /is no data folder of holdfast: delete it yourself/);
  assert.equal(existsSync(folder), true);
});
