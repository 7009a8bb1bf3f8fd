import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { TestNamespace, until } from './testing/namespace.ts';

/** One member alone: what process 1 of a MySQL pod does, without the operator. */
const LIMIT = { timeout: 100_000 };
const POD = 'mysql-0';
const space = new TestNamespace();

const kubectl = (...args: readonly string[]): string => space.kubectl(args);
const sh = (script: string): string => kubectl('exec', POD, '--', 'sh', '-c', script);
/** As root, who needs no port. */
const sql = (text: string): string => kubectl('exec', POD, '--', 'sh', '-c', 'MYSQL_PWD=$MYSQL_ROOT_PASSWORD exec mysql -uroot -S /run/mysqld/mysqld.sock -N -e "$1"', '-', text);
const mysqldPid = (): string => sh('cat /var/lib/mysql/data/mysqld.pid');
const state = (path: string): string => kubectl('get', 'pod', POD, '-o', `jsonpath={${path}}`);

/** All that comes out of it, once it has ended. */
async function collected(stream: Readable): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}

const answers = (): Promise<void> => until('mysqld answers', () => sql('SELECT 1') === '1');

before(async () => {
  space.install('50-mysql.yaml', (manifest) => {
    const { kind, spec } = manifest as { readonly kind: string; readonly spec: object };
    return kind === 'StatefulSet' ? { ...manifest, spec: { ...spec, replicas: 1 } } : manifest;
  });
  await answers();
}, LIMIT);
after(() => space.remove(), LIMIT);

test('a member starts closed, with every account and no transaction, and keeps its passwords from mysqld', LIMIT, () => {
  assert.equal(sql('SELECT @@offline_mode, @@super_read_only, @@gtid_executed'), '1\t1');
  const environment = sh('tr "\\0" "\\n" </proc/$(cat /var/lib/mysql/data/mysqld.pid)/environ');
  assert.match(environment, /^MYSQLD_PARENT_PID=1$/m);
  assert.doesNotMatch(environment, /PASSWORD/);
  assert.match(sh('sh /etc/holdfast/mysql-ready.sh || true'), /^closed$/);
});

test('a killed mysqld, and one that asks for it, is started again within the same container', LIMIT, async () => {
  const [pid, uuid] = [mysqldPid(), sql('SELECT @@server_uuid')];
  sh(`kill -9 ${pid}`);
  await until('another mysqld', () => mysqldPid() !== pid && sql('SELECT 1') === '1');
  const second = mysqldPid();
  sql('RESTART');
  await until('a third mysqld', () => mysqldPid() !== second && sql('SELECT 1') === '1');
  assert.equal(sql('SELECT @@server_uuid'), uuid);
  assert.equal(state('.status.containerStatuses[0].restartCount'), '0');
  assert.notEqual(sh('ls /var/lib/mysql/binlogs-kept/*/'), '');
});

/** Whom nobody else may end, and an ordinary client. */
const CLIENTS = {
  root: 'MYSQL_PWD=$MYSQL_ROOT_PASSWORD exec mysql -vvv -uroot -S /run/mysqld/mysqld.sock -e "$1"',
  service: 'MYSQL_PWD=$MYSQL_SERVICE_PASSWORD exec mysql -vvv -uholdfast_service -h "$POD_IP" --get-server-public-key --ssl-mode=DISABLED -e "$1"',
};

for (const [client, expected] of [['service', 'clients are closed: SIGTERM'], ['root', 'so SIGKILL']] as const) {
  test(`sigterm-ok: a pod that is deleted never tells ${client} that a hung commit is done`, LIMIT, async (t) => {
    sql('SET GLOBAL super_read_only = OFF; SET GLOBAL read_only = OFF; SET GLOBAL offline_mode = OFF; CREATE DATABASE IF NOT EXISTS holdfast; CREATE TABLE IF NOT EXISTS holdfast.hung (a INT); SET GLOBAL rpl_semi_sync_source_enabled = ON');
    const log = spawn('kubectl', ['--namespace', space.name, 'logs', '-f', POD], { stdio: ['ignore', 'pipe', 'inherit'] });
    const hung = spawn('kubectl', ['--namespace', space.name, 'exec', POD, '--', 'sh', '-c', CLIENTS[client], '-', 'INSERT INTO holdfast.hung VALUES (1)'], { stdio: ['ignore', 'pipe', 'pipe'] });
    t.after(() => [log, hung].forEach((child) => child.kill('SIGKILL')));
    const logged = collected(log.stdout);
    const [said, error] = [collected(hung.stdout), collected(hung.stderr)];
    await until('a commit waits', () => sql("SELECT COUNT(*) FROM information_schema.processlist WHERE state LIKE 'Waiting for semi-sync%'") === '1');
    const uid = state('.metadata.uid');
    kubectl('delete', 'pod', POD, '--wait=false');
    assert.match(await said, /INSERT INTO holdfast\.hung/);
    assert.doesNotMatch(await said, /Query OK/);
    assert.match(await error, /Lost connection|command terminated/);
    assert.match(await logged, new RegExp(expected));
    await until('a new pod', () => state('.metadata.uid') !== uid);
    await answers();
  });
}

test('a pod that replaces one deleted by force waits until the other no longer uses the volume', LIMIT, async () => {
  const uid = state('.metadata.uid');
  kubectl('delete', 'pod', POD, '--force', '--grace-period=0', '--wait=false');
  // kubelet lets one enter the old container by the pod's name until the new one runs.
  await until('a new pod that answers', () => sh('echo $POD_UID') !== uid && sql('SELECT 1') === '1');
  assert.equal(state('.status.containerStatuses[0].restartCount'), '0');
  assert.doesNotMatch(kubectl('logs', POD), /Unable to lock|\[ERROR\]/);
  assert.equal(sh('ls /var/lib/mysql/alive | wc -l'), '1');
});
