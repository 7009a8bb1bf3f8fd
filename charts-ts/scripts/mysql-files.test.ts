import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, suite, test } from 'node:test';

const LIMIT = { timeout: 20_000 };
const DAY_S = 86_400;
const UUID = '11111111-2222-3333-4444-555555555555';
/** Debian's images have dash as `sh`, those of MySQL itself bash. */
const SHELLS = (process.platform === 'linux' ? ['dash', 'bash'] : []).filter((shell) => spawnSync(shell, ['-c', ':']).status === 0);

let volume = '';
const inData = (name: string): string => join(volume, 'data', name);
const binlog = (number: string, content: string): void => writeFileSync(inData(`binlog.${number}`), content);
const drop = (number: string): void => rmSync(inData(`binlog.${number}`));
const mark = (name: string): void => {
  mkdirSync(inData('#clone'), { recursive: true });
  writeFileSync(inData(`#clone/${name}`), '');
};
const uuid = (): string | undefined => /^server-uuid=(\S+)$/m.exec(readFileSync(inData('auto.cnf'), 'utf8'))?.[1];
const kept = (): readonly string[] =>
  readdirSync(join(volume, 'binlogs-kept'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .sort();

const program = (commands: string): string =>
  `set -u; volume=${volume}; data=$volume/data; kept=$volume/binlogs-kept; say() { echo "$*"; }; pause() { sleep "$1"; }; . ${join(import.meta.dirname, 'mysql-files.sh')}\n${commands}`;

beforeEach(() => {
  volume = mkdtempSync(join(tmpdir(), 'holdfast-volume-'));
  mkdirSync(join(volume, 'data'));
  writeFileSync(inData('auto.cnf'), `[auto]\nserver-uuid=${UUID}\n`);
  writeFileSync(inData('binlog.index'), './binlog.000001\n');
  binlog('000001', 'one');
});

afterEach(() => rmSync(volume, { recursive: true, force: true }));

for (const shell of SHELLS) {
  const run = (commands: string): string => execFileSync(shell, ['-c', program(commands)], { encoding: 'utf8', timeout: 15_000 }).trim();
  const keep = (): string => run(`keep_binlogs ${UUID}`);

  suite(`with ${shell}`, LIMIT, () => {
    test('each binlog is linked once, and costs nothing while mysqld has it too', () => {
      assert.equal(keep(), 'binlogs that only their links keep: 0, 0 bytes');
      assert.equal(keep(), 'binlogs that only their links keep: 0, 0 bytes');
      assert.deepEqual(readdirSync(join(volume, 'binlogs-kept', UUID)), ['binlog.000001']);
    });

    test('a deleted binlog is kept for a week', () => {
      keep();
      drop('000001');
      const now = Math.floor(Date.now() / 1000);
      assert.equal(run(`date() { echo ${now + 6 * DAY_S}; }; keep_binlogs ${UUID}`), 'binlogs that only their links keep: 1, 3 bytes');
      assert.equal(run(`date() { echo ${now + 8 * DAY_S}; }; keep_binlogs ${UUID}`), 'binlogs that only their links keep: 0, 0 bytes');
      assert.deepEqual(readdirSync(join(volume, 'binlogs-kept')), []);
    });

    test('a member keeps its identity while its binlogs go on, also when the oldest are purged', () => {
      run(`renew_identity; keep_binlogs ${UUID}`);
      binlog('000002', 'two');
      run(`renew_identity; keep_binlogs ${UUID}`);
      drop('000001');
      binlog('000003', 'three');
      run('renew_identity');
      assert.equal(uuid(), UUID);
    });

    test('reissued-gtid: a member whose data was replaced gets a new server_uuid, and its old binlogs stay', () => {
      keep();
      drop('000001');
      mark('#status_fix');
      assert.match(run('renew_identity; keep_binlogs "$(server_uuid)"'), /^was re-seeded and gets a new server_uuid$/m);
      assert.notEqual(uuid(), UUID);
      assert.match(uuid() ?? '', /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      assert.deepEqual(kept(), ['one']);
    });

    test('a CLONE that failed without a mark shows by its binlogs', () => {
      keep();
      drop('000001');
      binlog('000001', 'another');
      run('renew_identity');
      assert.notEqual(uuid(), UUID);
    });

    test('a history that begins again with lower numbers shows as well', () => {
      renameSync(inData('binlog.000001'), inData('binlog.000009'));
      keep();
      drop('000009');
      binlog('000001', 'another');
      run('renew_identity');
      assert.notEqual(uuid(), UUID);
    });

    test('a new data folder gets an identity', () => {
      rmSync(inData('auto.cnf'));
      run('renew_identity');
      assert.match(uuid() ?? '', /^[0-9a-f-]{36}$/);
    });

    test('a broken-off CLONE is told from a whole one', () => {
      assert.equal(run('clone_broke_off || echo no'), 'no');
      mark('#status_error');
      assert.equal(run('clone_broke_off && echo yes'), 'yes');
      mark('#status_fix');
      assert.equal(run('clone_broke_off || echo no'), 'no');
    });

    test('half-cloned: the first start after a CLONE ends by itself, and one that did not end in order is told', () => {
      assert.equal(run('first_start_broke_off || echo no'), 'no');
      const relayLogs = ['relay.000001', 'relay.index', 'relay-epoch.000002', 'relay-epoch.index'];
      for (const name of [...relayLogs, 'relayed']) writeFileSync(inData(name), '');
      assert.equal(run('first_start "$volume/statement"'), `--skip-networking --init-file=${volume}/statement --pid-file=${inData('first-start.pid')}`);
      assert.equal(readFileSync(join(volume, 'statement'), 'utf8'), 'RESTART;\n');
      assert.deepEqual([...relayLogs, 'relayed'].filter((name) => existsSync(inData(name))), ['relayed']);
      assert.equal(run('first_start_broke_off && echo yes'), 'yes');
    });

    test('whoever comes to a volume waits until nobody else lives on it, also when that one is killed', async (t) => {
      // What mysqld would be: a child that inherits the pipe and outlives the script.
      const first = begin(t, 'POD_UID=first; hold_pipe && wait_for_others && { sleep 60 & } && echo "in $!"; exec sleep 60');
      const child = Number((await line(first)).split(' ')[1]);
      t.after(() => ignoreGone(() => process.kill(child, 'SIGKILL')));
      const second = begin(t, 'POD_UID=second; hold_pipe && wait_for_others; echo in');
      assert.equal(await line(second), 'waiting: the pod that was here before still uses this volume');
      const entered = line(second);
      first.kill('SIGKILL');
      await once(first, 'exit');
      assert.equal(await Promise.race([entered, later(500, 'still waiting')]), 'still waiting');
      process.kill(child, 'SIGKILL');
      assert.equal(await entered, 'in');
      assert.ok(!existsSync(join(volume, 'alive', 'first')));
    });
  });

  function begin(t: { after: (call: () => void) => void }, commands: string): ChildProcess {
    const child = spawn(shell, ['-c', program(commands)], { stdio: ['ignore', 'pipe', 'inherit'] });
    t.after(() => child.kill('SIGKILL'));
    return child;
  }
}

const later = <T>(ms: number, value: T): Promise<T> => new Promise((resolve) => setTimeout(resolve, ms, value).unref());

function ignoreGone(action: () => void): void {
  try {
    action();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** The next line that it writes. */
async function line(child: ChildProcess): Promise<string> {
  for (;;) {
    const [chunk] = (await once(child.stdout ?? child, 'data')) as [Buffer];
    const text = chunk.toString().trim();
    if (text !== '') return text;
  }
}
