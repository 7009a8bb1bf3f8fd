import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LocalConfig } from './stack/config.ts';
import type { StackStatus } from './stack/status.ts';
import { groupMembers, identify } from './supervisor/identity.ts';
import { readRecord } from './supervisor/record.ts';
import type { RecordedProcess } from './supervisor/record.ts';
import { asEnvironment, freeConfig, runCli, startCli } from './testing/cli.ts';
import type { RunningCli } from './testing/cli.ts';

/** Bounds that must hold on two cores that do other things as well. */
const TIME_LIMIT = { timeout: 300_000 };
const READY_MS = 90_000;

let dataDir: string;
let config: LocalConfig;
let running: RunningCli | undefined;
/** Everything that ever ran, to be looked for at the end. */
const ever = new Map<string, RecordedProcess>();

before(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'holdfast-stack-'));
  config = await freeConfig();
});

after(async () => {
  note();
  running?.child.kill('SIGKILL');
  for (const { pid, born } of ever.values()) if (identify(pid)?.born === born) process.kill(-pid, 'SIGKILL');
  await sleep(200);
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
});

function note(): readonly RecordedProcess[] {
  const processes = readRecord(join(dataDir, 'supervisor.json'))?.processes ?? [];
  for (const process of processes) ever.set(`${process.pid}/${process.born}`, process);
  return processes;
}

async function startStack(): Promise<{ readonly cli: RunningCli; readonly ms: number }> {
  const begun = performance.now();
  const cli = startCli(['start', '--data', dataDir], asEnvironment(config));
  running = cli;
  while (!/^ready in /m.test(cli.output())) {
    if (cli.child.exitCode !== null) assert.fail(`the stack ended: ${(await cli.ended).stderr}`);
    if (performance.now() - begun > READY_MS) assert.fail(`the stack is not ready: ${cli.output()}`);
    await sleep(20);
  }
  note();
  return { cli, ms: performance.now() - begun };
}

const api = (path: string, init: RequestInit = {}): Promise<Response> => fetch(`http://127.0.0.1:${config.httpPort}/api/property${path}`, init);

async function post(address: string): Promise<number> {
  const response = await api('', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ address }) });
  const text = await response.text();
  assert.equal(response.status, 201, text);
  return (JSON.parse(text) as { id: number }).id;
}

const addressOf = async (id: number): Promise<string> => {
  const response = await api(`/${id}`, { headers: { cookie: 'holdfast_seen=none' } });
  assert.equal(response.status, 200);
  return ((await response.json()) as { address: string }).address;
};

const pidOf = async (name: string): Promise<number> => {
  const pid = (await statusOf()).processes.find((process) => process.name === name)?.pid;
  assert.ok(pid, `${name} does not run`);
  return pid;
};

async function until(what: string, happened: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!(await happened())) {
    assert.ok(performance.now() < deadline, `not within 30 s: ${what}`);
    await sleep(100);
  }
}

const statusOf = async (): Promise<StackStatus> => JSON.parse((await runCli(['status', '--json', '--data', dataDir])).stdout) as StackStatus;

test('a stack comes up, answers its commands, survives its supervisor and keeps its data', TIME_LIMIT, async (context) => {
  const first = await startStack();
  context.diagnostic(`ready after ${Math.round(first.ms)} ms with a new data folder`);
  const one = await post('1 First Street');

  await context.test('the status names every process with its role', async () => {
    const { processes, operator, readySeconds } = await statusOf();
    assert.equal(processes.length, 14);
    assert.deepEqual([...new Set(processes.map(({ state }) => state))], ['running']);
    const roles = processes.map(({ kind, role }) => `${kind} ${role ?? ''}`).sort();
    assert.equal(roles.filter((role) => role === 'mysql primary').length, 1);
    assert.equal(roles.filter((role) => role === 'redis master').length, 1);
    assert.equal(operator?.epoch, 1);
    assert.ok(readySeconds !== null && readySeconds > 0);
    for (const { pid } of processes) assert.ok(pid !== null && groupMembers(pid).some((member) => member.pid === pid), 'leads a group of its own');
  });

  await context.test('the edge keeps a page for its second, but not for a client that has just written', async () => {
    const kinds = new Set<string>();
    for (let tries = 0; tries < 100 && !kinds.has('HIT'); tries += 1) kinds.add((await api('')).headers.get('x-cache') ?? 'none');
    assert.ok(kinds.has('HIT'), `only ${[...kinds].join(', ')}`);
    const page = await api('', { headers: { cookie: 'holdfast_seen=none' } });
    assert.equal(page.headers.get('x-cache'), 'BYPASS');
    assert.equal(page.headers.get('x-accel-expires'), null);
  });

  await context.test('a client gets to the primary, its arguments passed on, its password in no argument', async () => {
    const { code, stdout, stderr } = await runCli(['mysql', '--data', dataDir, '--', '--skip-column-names', '-e', 'SELECT address FROM property']);
    assert.deepEqual([code, stdout, stderr], [0, '1 First Street\n', '']);
  });

  await context.test('the status for people says what the operator thinks, and of each member how it differs from the primary', async () => {
    await until('all is well', async () => (await statusOf()).operator?.situation === 'healthy');
    const { stdout } = await runCli(['status', '--data', dataDir]);
    assert.match(stdout, /^healthy since \d\d:\d\d:\d\d: mysql-0 is the primary, and all follow it$/m);
    assert.match(stdout, /^mysql-0 {2}primary, epoch 1; answers; has \d+ transactions$/m);
    assert.match(stdout, /^mysql-1 {2}replica, epoch 1; answers; receiver on; has all that mysql-0 has$/m);
    assert.match(stdout, /^\d\d:\d\d:\d\d {2}mysql-0 promoted, epoch 1, \d+ ms$/m);
  });

  await context.test('a person makes another member the primary', async () => {
    assert.deepEqual(await runCli(['switchover', 'mysql-1', '--data', dataDir]), { code: 0, stdout: 'mysql-1 is the primary now, after mysql-0.\n', stderr: '' });
    assert.deepEqual(await runCli(['switchover', 'mysql-1', '--data', dataDir]), { code: 0, stdout: 'mysql-1 is the primary already.\n', stderr: '' });
    assert.deepEqual(await runCli(['switchover', 'mysql-7', '--data', dataDir]), { code: 1, stdout: '', stderr: 'There is no member mysql-7: there are mysql-0, mysql-1, mysql-2.\n' });
    const { operator, processes } = await statusOf();
    assert.deepEqual([operator?.epoch, operator?.primary, processes.find(({ name }) => name === 'mysql-1')?.role], [2, 'mysql-1', 'primary']);
    assert.equal(await addressOf(one), '1 First Street');
  });

  await context.test('a paused operator promotes nobody, and a resumed one does', async () => {
    assert.equal((await runCli(['operator', 'pause', '--data', dataDir])).code, 0);
    const refused = await runCli(['switchover', '--data', dataDir]);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /The operator is paused: resume it first/);
    process.kill(await pidOf('mysql-1'), 'SIGKILL');
    await until('mysql-1 runs again', async () => (await statusOf()).processes.some(({ name, state, restarts }) => name === 'mysql-1' && state === 'running' && restarts === 1));
    const { stdout } = await runCli(['status', '--data', dataDir]);
    assert.match(stdout, /epoch 2, no primary\noperator paused, /);
    assert.equal((await runCli(['operator', 'resume', '--data', dataDir])).stdout, 'The operator acts again.\n');
    assert.equal(await addressOf(await post('3 Maintenance Road')), '3 Maintenance Road');
    assert.equal((await statusOf()).operator?.paused, false);
  });

  await context.test('an operator that hangs is replaced, and the new one obeys', async () => {
    const hung = await pidOf('operator');
    process.kill(hung, 'SIGSTOP');
    await until('another operator runs', async () => (await statusOf()).processes.some(({ name, pid, state }) => name === 'operator' && state === 'running' && pid !== hung));
    await until('it acts', async () => (await statusOf()).operator?.acting === true);
    assert.equal((await runCli(['operator', 'resume', '--data', dataDir])).code, 0);
  });

  await context.test('a failover that loses something is shown first, and carried out once a person accepts it', async () => {
    const failover = (...args: readonly string[]): ReturnType<typeof runCli> => runCli(['failover', '--accept-loss', ...args, '--data', dataDir]);
    await until('all is well', async () => (await statusOf()).operator?.situation === 'healthy');
    assert.match((await failover('--yes')).stderr, /^Nothing is refused, so nothing need be lost: /);
    const primary = (await statusOf()).operator?.primary;
    const left = ['mysql-0', 'mysql-1', 'mysql-2'].find((name) => name !== primary) ?? '';
    const frozen = await Promise.all(['mysql-0', 'mysql-1', 'mysql-2'].filter((name) => name !== left).map(pidOf));
    try {
      for (const pid of frozen) process.kill(pid, 'SIGSTOP');
      await until('it is refused', async () => (await statusOf()).operator?.decision?.kind === 'refuse');
      const shown = await failover();
      assert.equal(shown.code, 1);
      assert.match(shown.stdout, new RegExp(`^${left} would become the primary\\. `));
      assert.equal(shown.stderr, 'What is lost is then lost for good. Where nobody can be asked, say so: npm run failover -- --accept-loss --yes\n');
      assert.notEqual((await statusOf()).operator?.primary, left);
      const accepted = await failover('--yes');
      assert.match(accepted.stdout, new RegExp(`^${left} is the primary of epoch \\d+\\.$`, 'm'));
    } finally {
      for (const pid of frozen) process.kill(pid, 'SIGCONT');
    }
    await until('all is well', async () => (await statusOf()).operator?.situation === 'healthy');
    assert.equal((await statusOf()).operator?.primary, left);
    assert.equal(await addressOf(await post('4 Accepted Avenue')), '4 Accepted Avenue');
  });

  await context.test('a second start is refused, also a reset', async () => {
    const second = await runCli(['start', '--data', dataDir], asEnvironment(config));
    assert.deepEqual([second.code, second.stderr], [1, `A stack runs on ${dataDir} already (pid ${first.cli.child.pid}): look at it with npm run status, or end it with npm stop.\n`]);
    assert.equal((await runCli(['reset', '--yes', '--data', dataDir])).code, 1);
  });

  await context.test('when the supervisor is killed the service goes on, and the next start takes care of what was left', async () => {
    const left = note();
    first.cli.child.kill('SIGKILL');
    await once(first.cli.child, 'exit');
    const two = await post('2 Orphan Lane');
    const next = await startStack();
    context.diagnostic(`ready after ${Math.round(next.ms)} ms with what a killed supervisor left`);
    assert.match(next.cli.output(), /^cleaning up: 14 processes of a killed supervisor ended$/m);
    for (const { pid, born, name } of left) assert.notEqual(identify(pid)?.born, born, `${name} of the first start still runs`);
    assert.deepEqual([await addressOf(one), await addressOf(two)], ['1 First Street', '2 Orphan Lane']);
  });

  await context.test('npm stop ends all in order, and the next start finds the data as it was', async () => {
    const stop = await runCli(['stop', '--data', dataDir]);
    assert.deepEqual([stop.code, stop.stdout], [0, 'All has stopped in order.\n']);
    assert.equal((await running?.ended)?.code, 0);
    assert.deepEqual([...ever.values()].filter(({ pid, born }) => identify(pid)?.born === born).map(({ name }) => name), []);
    assert.equal(existsSync(join(dataDir, 'supervisor.json')), false);
    assert.doesNotMatch(readFileSync(join(dataDir, 'logs', 'supervisor.log'), 'utf8'), /did not stop within/);
    const next = await startStack();
    context.diagnostic(`ready after ${Math.round(next.ms)} ms with its data`);
    assert.equal(await addressOf(one), '1 First Street');
  });

  await context.test('Ctrl-C twice stops it once', async () => {
    note();
    const cli = running;
    assert.ok(cli);
    cli.child.kill('SIGINT');
    await sleep(300);
    cli.child.kill('SIGINT');
    const { code, stdout, stderr } = await cli.ended;
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /Already stopping, in order/);
    assert.match(stdout, /stopping: all has stopped in order\n$/);
    assert.deepEqual([...ever.values()].filter(({ pid, born }) => identify(pid)?.born === born).map(({ name }) => name), []);
  });
});
