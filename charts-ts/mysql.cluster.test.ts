import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before, test } from 'node:test';
import { TestNamespace, until } from './testing/namespace.ts';

/** One member alone: what process 1 of a MySQL pod does, without the operator. */
const LIMIT = { timeout: 100_000 };
const POD = 'mysql-0';
const space = new TestNamespace();

const kubectl = (...args: readonly string[]): string => space.kubectl(args);
const sh = (script: string): string => kubectl('exec', POD, '--', 'sh', '-c', script);
/** As root, who needs no port. */
const asRoot = (sql: string, ...options: readonly string[]): readonly string[] => ['exec', POD, '--', 'sh', '-c', `MYSQL_PWD=$MYSQL_ROOT_PASSWORD exec mysql -uroot -S /run/mysqld/mysqld.sock -N "$@"`, '-', ...options, '-e', sql];
const sql = (text: string): string => kubectl(...asRoot(text));
const mysqldPid = (): string => sh('cat /var/lib/mysql/data/mysqld.pid');
const state = (path: string): string => kubectl('get', 'pod', POD, '-o', `jsonpath={${path}}`);

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

test('sigterm-ok: a pod that is deleted closes the client of a hung commit without an answer', LIMIT, async () => {
  sql('SET GLOBAL super_read_only = OFF; SET GLOBAL read_only = OFF; SET GLOBAL offline_mode = OFF; CREATE DATABASE hung; SET GLOBAL rpl_semi_sync_source_enabled = ON');
  const hung = spawn('kubectl', ['--namespace', space.name, ...asRoot('CREATE TABLE hung.t (a INT)', '-vvv')], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [hung.stdout, hung.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = new Promise((resolve) => hung.on('close', resolve));
  await until('a commit waits', () => sql("SELECT COUNT(*) FROM information_schema.processlist WHERE state LIKE 'Waiting for semi-sync%'") === '1');
  const uid = state('.metadata.uid');
  kubectl('delete', 'pod', POD, '--wait=false');
  await ended;
  assert.match(said, /CREATE TABLE/);
  assert.doesNotMatch(said, /Query OK/);
  await until('a new pod', () => state('.metadata.uid') !== uid);
  await answers();
});

test('a pod that replaces one deleted by force waits until the other no longer uses the volume', LIMIT, async () => {
  const uid = state('.metadata.uid');
  kubectl('delete', 'pod', POD, '--force', '--grace-period=0', '--wait=false');
  await until('a new pod', () => state('.metadata.uid') !== uid);
  await answers();
  assert.equal(state('.status.containerStatuses[0].restartCount'), '0');
  assert.doesNotMatch(kubectl('logs', POD), /Unable to lock|\[ERROR\]/);
  assert.equal(sh('ls /var/lib/mysql/alive | wc -l'), '1');
});
