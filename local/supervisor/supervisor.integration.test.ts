import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { groupMembers, identify } from './identity.ts';
import { endLeftovers } from './leftovers.ts';
import { readRecord, runningRecord } from './record.ts';
import type { RecordedProcess } from './record.ts';
import type { ProcessKind, ProcessSpec } from './spec.ts';
import { Supervisor } from './supervisor.ts';

const TIME_LIMIT = { timeout: 30_000 };
const SERVER = `require('node:http').createServer((q, s) => s.end('ok')).listen(+process.env.PORT, '127.0.0.1');`;
const DEAF = `${SERVER} process.on('SIGTERM', () => {});`;
/** A master with a worker that outlives it, as nginx's do. */
const MASTER = `require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']); ${SERVER}`;

let folder: string;
let supervisor: Supervisor;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-supervisor-'));
  const self = identify(process.pid);
  assert.ok(self);
  supervisor = new Supervisor({ self, statusPort: 1, recordPath: join(folder, 'supervisor.json'), logFile: join(folder, 'supervisor.log') });
});

afterEach(async () => {
  await supervisor.stop();
  rmSync(folder, { recursive: true });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function specOf(name: string, script: string, more: Partial<ProcessSpec> = {}): Promise<ProcessSpec> {
  const port = await freePort();
  return {
    name,
    kind: 'web',
    launch: () => ({ argv: [process.execPath, '-e', script], env: { PORT: String(port) } }),
    cwd: folder,
    port,
    logFile: join(folder, `${name}.log`),
    stopLimitMs: 5000,
    ready: { port, path: '/' },
    ...more,
  };
}

async function until(what: string, met: () => boolean): Promise<void> {
  for (let tries = 0; tries < 1000; tries += 1) {
    if (met()) return;
    await sleep(10);
  }
  assert.fail(`waited in vain: ${what}`);
}

const status = (name: string) => {
  const found = supervisor.processes.find((process) => process.name === name);
  assert.ok(found);
  return found;
};
const texts = (): readonly string[] => supervisor.events.map(({ name, text }) => `${name} ${text}`);
const running = (name: string): Promise<void> => until(`${name} runs`, () => status(name).state === 'running');
const pidOf = (name: string): number => {
  const { pid } = status(name);
  assert.ok(pid);
  return pid;
};

test('a killed process is back at once, in a group of its own', TIME_LIMIT, async () => {
  supervisor.start(await specOf('web-0', SERVER));
  await running('web-0');
  const first = pidOf('web-0');
  assert.deepEqual(groupMembers(first).map(({ pid }) => pid), [first]);
  process.kill(first, 'SIGKILL');
  await until('another pid', () => ![null, first].includes(status('web-0').pid));
  await running('web-0');
  assert.equal(status('web-0').restarts, 1);
  assert.deepEqual(texts(), ['web-0 ended by SIGKILL', `web-0 runs again, pid ${pidOf('web-0')}`]);
});

test('a frozen process is killed after its silent time, one without a liveness probe never', TIME_LIMIT, async () => {
  const watched = await specOf('web-0', SERVER);
  supervisor.start({ ...watched, alive: { ...watched.ready, silentMs: 2000, busyMs: 10_000 } });
  supervisor.start(await specOf('mysql-0', SERVER, { kind: 'mysql' }));
  await Promise.all([running('web-0'), running('mysql-0')]);
  await until('health is known', () => status('web-0').health === 'ok');
  const frozen = [pidOf('web-0'), pidOf('mysql-0')] as const;
  for (const pid of frozen) process.kill(pid, 'SIGSTOP');
  const frozenAt = performance.now();
  await until('web-0 is another process', () => ![null, frozen[0]].includes(status('web-0').pid));
  const ms = performance.now() - frozenAt;
  assert.ok(ms > 1400 && ms < 2600, `killed after ${ms} ms`);
  assert.equal(status('mysql-0').pid, frozen[1]);
  process.kill(frozen[1], 'SIGCONT');
});

test('a busy process has more time than a frozen one, and no end of it', { timeout: 30_000 }, async () => {
  const busy = `${SERVER} process.on('SIGUSR2', () => { for (;;); });`;
  const watched = await specOf('web-0', busy);
  supervisor.start({ ...watched, alive: { ...watched.ready, silentMs: 2000, busyMs: 4000 } });
  await running('web-0');
  await until('health is known', () => status('web-0').health === 'ok');
  const pid = pidOf('web-0');
  process.kill(pid, 'SIGUSR2');
  const beganAt = performance.now();
  await until('web-0 is another process', () => ![null, pid].includes(status('web-0').pid));
  const ms = performance.now() - beganAt;
  assert.ok(ms > 3400, `killed after ${ms} ms`);
});

test('workers that outlive their master are ended before it is started again', TIME_LIMIT, async () => {
  supervisor.start(await specOf('nginx-0', MASTER, { kind: 'nginx' }));
  await running('nginx-0');
  const master = pidOf('nginx-0');
  assert.equal(groupMembers(master).length, 2);
  process.kill(master, 'SIGKILL');
  await until('another master', () => ![null, master].includes(status('nginx-0').pid));
  await until('no worker of the first is left', () => groupMembers(master).length === 0);
});

test('all stop in order, and one that does not is killed after its time', TIME_LIMIT, async () => {
  for (const [name, kind] of [['redis-0', 'redis'], ['mysql-0', 'mysql'], ['nginx-0', 'nginx']] as const) supervisor.start(await specOf(name, SERVER, { kind }));
  supervisor.start(await specOf('web-0', DEAF, { stopLimitMs: 300 }));
  await until('all run', () => supervisor.processes.every(({ state }) => state === 'running'));
  const order: ProcessKind[] = [];
  await supervisor.stop((kind) => order.push(kind));
  assert.deepEqual(order, ['nginx', 'web', 'mysql', 'redis']);
  assert.deepEqual(texts(), ['web-0 did not stop within 0.3 s and was killed']);
  assert.deepEqual(supervisor.processes.map(({ state, pid }) => [state, pid]), Array.from({ length: 4 }, () => ['stopped', null]));
  assert.equal(existsSync(join(folder, 'supervisor.json')), false);
});

test('a process stops as its spec says, and whoever asks for a restart has one without a pause', TIME_LIMIT, async () => {
  const asked: number[] = [];
  const script = `${SERVER} process.on('SIGUSR2', () => process.exit(16)); process.on('SIGHUP', () => process.exit(0));`;
  const askToStop = async (pid: number): Promise<void> => {
    asked.push(pid);
    process.kill(pid, 'SIGHUP');
  };
  supervisor.start(await specOf('mysql-0', script, { kind: 'mysql', restartCodes: [16], askToStop }));
  for (let round = 0; round < 3; round += 1) {
    await running('mysql-0');
    const before = pidOf('mysql-0');
    process.kill(before, 'SIGUSR2');
    await until('restarted', () => ![null, before].includes(status('mysql-0').pid));
  }
  await running('mysql-0');
  assert.deepEqual(texts().filter((text) => !text.includes('runs again')), Array.from({ length: 3 }, () => 'mysql-0 asked to be started again'));
  const last = pidOf('mysql-0');
  await supervisor.stop();
  assert.deepEqual(asked, [last]);
});

test('what cannot be prepared or found is tried again, and said', TIME_LIMIT, async () => {
  let attempts = 0;
  const spec = await specOf('web-0', SERVER);
  const launch: ProcessSpec['launch'] = async (signal) => {
    attempts += 1;
    if (attempts === 1) throw new Error('no binlogs to link');
    return { ...(await spec.launch(signal)), notes: ['2 binlogs linked'] };
  };
  supervisor.start({ ...spec, launch });
  supervisor.start(await specOf('web-1', SERVER, { launch: () => ({ argv: ['/nowhere/program'], env: {} }) }));
  await running('web-0');
  assert.ok(texts().includes('web-0 could not be started: no binlogs to link'));
  assert.ok(texts().includes('web-0 2 binlogs linked'));
  assert.ok(texts().includes('web-1 could not be started: spawn /nowhere/program ENOENT'));
  assert.equal(status('web-1').state, 'backing-off');
});

test('the record names every living process at any time, and its supervisor', TIME_LIMIT, async () => {
  supervisor.start(await specOf('web-0', SERVER));
  await running('web-0');
  assert.deepEqual(readRecord(join(folder, 'supervisor.json'))?.processes.map(({ name, pid }) => [name, pid]), [['web-0', pidOf('web-0')]]);
  assert.equal(runningRecord(join(folder, 'supervisor.json'))?.supervisor.pid, process.pid);
});

test('a record of a supervisor that is gone, or whose pid is another process by now, is not a running one', () => {
  const path = join(folder, 'supervisor.json');
  writeFileSync(path, JSON.stringify({ supervisor: { pid: process.pid, born: 'another time' }, statusPort: 1, processes: [] }));
  assert.equal(runningRecord(path), undefined);
  writeFileSync(path, 'half');
  assert.throws(() => runningRecord(path), /cannot be read: end by hand/);
});

test('what a killed supervisor left is ended, but never a process that only got its pid', TIME_LIMIT, async (context) => {
  const ports = await Promise.all([freePort(), freePort(), freePort()]);
  const children = [SERVER, SERVER, MASTER].map((script, index) => spawn(process.execPath, ['-e', script], { detached: true, stdio: 'ignore', env: { PORT: String(ports[index]) } }));
  context.after(() => {
    for (const { pid } of children) if (pid !== undefined && groupMembers(pid).length > 0) process.kill(-pid, 'SIGKILL');
  });
  const [left, reused, master] = children.map(({ pid }) => pid ?? 0) as [number, number, number];
  await until('the worker runs', () => groupMembers(master).length === 2);
  const program = groupMembers(left)[0]?.program ?? '';
  const recorded = (name: string, pid: number, born: string | undefined): RecordedProcess => ({ name, kind: 'nginx', pid, born: born ?? '', program });
  const processes = [recorded('nginx-0', left, identify(left)?.born), recorded('nginx-1', reused, 'another time'), recorded('nginx-2', master, identify(master)?.born)];
  process.kill(master, 'SIGKILL');
  await until('the master is gone', () => identify(master) === undefined);
  const asked: number[] = [];
  const askToStop = async (pid: number): Promise<void> => {
    asked.push(pid);
    process.kill(pid, 'SIGTERM');
  };
  await endLeftovers(processes, () => ({ askToStop, stopLimitMs: 5000 }), () => {});
  assert.deepEqual(asked, [left]);
  assert.equal(identify(left), undefined);
  assert.notEqual(identify(reused), undefined);
  await until('its worker is gone', () => groupMembers(master).length === 0);
});

test('what a process writes is in its log file', TIME_LIMIT, async () => {
  supervisor.start(await specOf('web-0', `console.log('hello'); console.error('world'); ${SERVER}`));
  await running('web-0');
  assert.equal(readFileSync(join(folder, 'web-0.log'), 'utf8'), 'hello\nworld\n');
});
