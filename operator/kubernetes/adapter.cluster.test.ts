import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { pino } from 'pino';
import type { Host } from '../host.ts';
import { CLOCK, startOperator } from '../operator.ts';
import type { Operator } from '../operator.ts';
import { eventually } from '../testing/cluster.ts';
import type { Api } from './api.ts';
import { openKubernetes } from './host.ts';
import { replacePod } from './replace.ts';
import type { Pod } from './objects.ts';
import { SECRET_KEYS } from '../../common/secrets.ts';
import { ensureSecret } from './secret.ts';
import { State } from './state.ts';
import { accountApi, makeNamespace } from './testing/cluster.ts';
import type { TestNamespace } from './testing/cluster.ts';

const LIMIT = { timeout: 60_000 };
/** Nothing listens there: these tests are about Kubernetes alone. */
const MEMBERS = ['mysql-0', 'mysql-1', 'mysql-2'].map((name) => ({ name, host: '127.0.0.1', port: 1, adminPort: 1 }));
const warnings: string[] = [];
const LOG = pino({ level: 'warn' }, { write: (line: string) => void warnings.push(line) });
let namespace: TestNamespace;
let account: Api;
const running: { operator: Operator; host: Host }[] = [];

before(async () => {
  namespace = await makeNamespace();
  account = await accountApi(namespace);
}, LIMIT);
after(async () => {
  await Promise.all(running.map(({ operator, host }) => operator.stop().then(host.close)));
  account.close();
  await namespace.remove();
}, LIMIT);

const hostNamed = (name: string): Promise<Host> =>
  openKubernetes({ namespace: namespace.name, pod: { name, uid: `uid-of-${name}` }, members: MEMBERS, passwords: { operator: '', replication: '' }, clock: CLOCK, log: LOG, api: account });

async function operate(name: string): Promise<Operator> {
  const host = await hostNamed(name);
  const operator = startOperator({ name, coldStartMs: 0, host, log: LOG });
  running.push({ operator, host });
  return operator;
}

const secretPath = (): string => namespace.paths.secrets('holdfast-passwords');
const readData = async (path: string): Promise<Readonly<Record<string, string>>> => (await namespace.api.call<{ data?: Record<string, string> }>({ verb: 'get', path })).data ?? {};

test('two operators that start at once fill an empty Secret with the same passwords', LIMIT, async () => {
  await namespace.api.call({ verb: 'create', path: namespace.paths.secrets(), body: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'holdfast-passwords' } } });
  const [first, second] = await Promise.all([hostNamed('operator-a'), hostNamed('operator-b')]);
  assert.deepEqual(first.passwords, second.passwords);
  const data = await readData(secretPath());
  assert.deepEqual(Object.keys(data).sort(), [...SECRET_KEYS].sort());
  assert.equal(new Set(Object.values(data)).size, SECRET_KEYS.length);
  assert.equal(Buffer.from(data['holdfast_operator'] ?? '', 'base64').toString(), first.passwords.operator);
  assert.equal(first.passwords.operator.length, 32);
});

test('a Secret that was deleted beside data is put back by who knows it, and never made anew', LIMIT, async () => {
  const { api, paths } = namespace;
  const before = await ensureSecret({ api: account, path: paths.secrets(), known: {}, hasData: () => Promise.resolve(true) });
  await api.call({ verb: 'delete', path: secretPath() });
  await assert.rejects(ensureSecret({ api: account, path: paths.secrets(), known: {}, hasData: () => Promise.resolve(true) }), /there is data that was made with it. Put the Secret back/);
  await ensureSecret({ api: account, path: paths.secrets(), known: before.passwords, hasData: () => Promise.resolve(true) });
  assert.deepEqual((await ensureSecret({ api: account, path: paths.secrets(), known: {}, hasData: () => Promise.resolve(true) })).passwords, before.passwords);
});

test('born-again-empty: the mark outlives its ConfigMap, on the claims', LIMIT, async () => {
  const { api, paths } = namespace;
  const labels = { 'app.kubernetes.io/name': 'holdfast', 'app.kubernetes.io/component': 'mysql' };
  const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data-mysql-0', labels }, spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'none', resources: { requests: { storage: '1Mi' } } } };
  await api.call({ verb: 'create', path: paths.claims(), body: claim });
  const state = new State(account, paths);
  assert.equal(state.initialised, true);
  assert.equal(await state.load(), false);
  await state.markInitialised();
  assert.equal((await readData(paths.configMaps('holdfast-state')))['initialised'], 'yes');
  await api.call({ verb: 'delete', path: paths.configMaps('holdfast-state') });
  const later = new State(account, paths);
  assert.equal(await later.load(), true);
  await later.keepMark();
  assert.equal((await readData(paths.configMaps('holdfast-state')))['initialised'], 'yes');
});

test('the operator scales once, withdraws a frozen pod of the web, puts it back, and tells people, all with the rights of its Role', { timeout: 90_000 }, async (t) => {
  const { api, paths } = namespace;
  await makeDeployment('web', '3');
  await makeDeployment('edge', '2');
  const webs = await Promise.all(['127.0.0.81', '127.0.0.82', '127.0.0.83'].map(startWeb));
  t.after(() => Promise.all(webs.map(({ close }) => close())));
  for (const [index, { host }] of webs.entries()) await namespace.pod(`web-${index}`, { 'app.kubernetes.io/component': 'web', 'holdfast/in-service': 'yes' }, { phase: 'Running', podIP: host, podIPs: [{ ip: host }] });
  await namespace.pod('mysql-0', { 'app.kubernetes.io/component': 'mysql', 'holdfast/in-service': 'yes' });
  const operator = await operate('operator-a');
  await eventually('the first scale', async () => (await replicasOf('web')) === 3 && (await replicasOf('edge')) === 2);
  await CLOCK.sleep(1000);
  await eventually('it to be in service', async () => (await namespace.labelsOf('web-1'))['holdfast/in-service'] === 'yes');
  const from = performance.now();
  webs[1]?.freeze();
  await eventually('the withdrawal', async () => (await namespace.labelsOf('web-1'))['holdfast/in-service'] === 'no');
  const took = performance.now() - from;
  t.diagnostic(`withdrawn after ${Math.round(took)} ms`);
  webs[2]?.freeze();
  await eventually('all to be kept when more than half are silent', async () => (await namespace.labelsOf('web-1'))['holdfast/in-service'] === 'yes');
  webs[2]?.thaw();
  await eventually('one to be withdrawn again', async () => (await namespace.labelsOf('web-1'))['holdfast/in-service'] === 'no');
  webs[1]?.thaw();
  await eventually('it to be put back', async () => (await namespace.labelsOf('web-1'))['holdfast/in-service'] === 'yes');
  operator.crew.journal.note('something happened', { member: 'mysql-0' });
  await eventually('the event', async () => (await api.call<{ items: readonly { message: string; involvedObject: { name: string } }[] }>({ verb: 'get', path: paths.events() })).items.some(({ message, involvedObject }) => message === 'something happened' && involvedObject.name === 'mysql-0'));
  await eventually('what people read', async () => (await readData(paths.configMaps('holdfast-state')))['members'] === 'mysql-0: unreachable\nmysql-1: unreachable\nmysql-2: unreachable');
  await api.call({ verb: 'patch', path: paths.deployments('web'), body: { spec: { replicas: 5 } } });
  await CLOCK.sleep(5500);
  assert.equal(await replicasOf('web'), 5);
  assert.deepEqual(warnings.filter((line) => line.includes('forbidden')), []);
});

test('a pod whose node never comes back goes with its claim', LIMIT, async () => {
  const { api, paths } = namespace;
  await api.call({ verb: 'create', path: paths.claims(), body: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data-redis-9' }, spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'none', resources: { requests: { storage: '1Mi' } } } } });
  await namespace.pod('redis-9', { 'app.kubernetes.io/component': 'redis' });
  const pod = await api.call<Pod>({ verb: 'get', path: paths.pods('redis-9') });
  await replacePod(account, paths, { ...pod, spec: { volumes: [{ persistentVolumeClaim: { claimName: 'data-redis-9' } }] } });
  await eventually('both to be gone', async () => {
    const [pods, claims] = await Promise.all([namesIn(paths.pods()), namesIn(paths.claims())]);
    return !pods.includes('redis-9') && !claims.includes('data-redis-9');
  });
});

const namesIn = async (path: string): Promise<readonly string[]> => (await namespace.api.call<{ items: readonly { metadata: { name: string } }[] }>({ verb: 'get', path })).items.map(({ metadata }) => metadata.name);

async function makeDeployment(name: string, replicas: string): Promise<void> {
  const matchLabels = { test: name };
  const template = { metadata: { labels: matchLabels }, spec: { schedulerName: 'nobody', containers: [{ name, image: 'none:none' }] } };
  await namespace.api.call({ verb: 'create', path: namespace.paths.deployments(), body: { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, annotations: { 'holdfast/initial-replicas': replicas } }, spec: { selector: { matchLabels }, template } } });
}

const replicasOf = async (name: string): Promise<number> => (await namespace.api.call<{ spec: { replicas: number } }>({ verb: 'get', path: namespace.paths.deployments(name) })).spec.replicas;

interface Web {
  readonly host: string;
  /** It takes connections, and answers nothing. */
  readonly freeze: () => void;
  readonly thaw: () => void;
  readonly close: () => Promise<void>;
}

async function startWeb(host: string): Promise<Web> {
  let frozen = false;
  const server: Server = createServer((_request, response) => void (frozen || response.end('ok')));
  server.listen(8080, host);
  await once(server, 'listening');
  return {
    host,
    freeze: () => (frozen = true),
    thaw: () => (frozen = false),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
