import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { KubeConfig } from '@kubernetes/client-node';
import { OPERATOR_RULES } from '../../../charts-ts/components/operator.ts';
import { hasStatus, openApi, defaultKubeConfig } from '../api.ts';
import type { Api } from '../api.ts';
import { pathsOf } from '../paths.ts';
import type { Paths } from '../paths.ts';

const NOT_FOUND = 404;

/** A namespace of a test's own on the cluster of the current kubeconfig. */
export interface TestNamespace {
  readonly name: string;
  readonly api: Api;
  readonly paths: Paths;
  /** A pod that no kubelet ever sees, with the status that the test gives it. */
  readonly pod: (name: string, labels: Readonly<Record<string, string>>, status?: Readonly<Record<string, unknown>>) => Promise<void>;
  readonly setStatus: (name: string, status: Readonly<Record<string, unknown>>) => Promise<void>;
  /** The labels of a pod. */
  readonly labelsOf: (name: string) => Promise<Readonly<Record<string, string>>>;
  /** Removes it with all that is in it. */
  readonly remove: () => Promise<void>;
}

/** Makes a namespace with a random name. */
export async function makeNamespace(): Promise<TestNamespace> {
  const api = openApi(defaultKubeConfig());
  const name = `holdfast-test-${randomBytes(4).toString('hex')}`;
  const paths = pathsOf(name);
  await api.call({ verb: 'create', path: '/api/v1/namespaces', body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, deadlineMs: 10_000 });
  const setStatus = async (pod: string, status: Readonly<Record<string, unknown>>): Promise<void> => {
    await api.call({ verb: 'patch', path: `${paths.pods(pod)}/status`, body: { status } });
  };
  return {
    name, api, paths, setStatus,
    pod: async (pod, labels, status) => {
      // No scheduler of that name is there, so it stays where it is.
      const spec = { schedulerName: 'nobody', automountServiceAccountToken: false, terminationGracePeriodSeconds: 30, containers: [{ name: 'mysql', image: 'none:none' }] };
      await api.call({ verb: 'create', path: paths.pods(), body: { apiVersion: 'v1', kind: 'Pod', metadata: { name: pod, labels: { 'app.kubernetes.io/name': 'holdfast', ...labels } }, spec } });
      if (status !== undefined) await setStatus(pod, status);
    },
    labelsOf: async (pod) => (await api.call<{ metadata: { labels?: Record<string, string> } }>({ verb: 'get', path: paths.pods(pod) })).metadata.labels ?? {},
    remove: async () => {
      await api.call({ verb: 'delete', path: `/api/v1/namespaces/${name}`, deadlineMs: 10_000 }).catch((error: unknown) => {
        if (!hasStatus(error, NOT_FOUND)) throw error;
      });
      api.close();
    },
  };
}

/** A way to the API server that can be cut. */
export interface CutApi {
  readonly api: Api;
  /** Ends all connections. */
  readonly cut: () => void;
  /** Takes connections and answers nothing, like a server that was unplugged. */
  readonly silence: () => void;
  /** Works again. */
  readonly mend: () => void;
  readonly close: () => Promise<void>;
}

/** Leads to the API server through a door of the test's own, whose name the server's certificate does not have. */
export async function cuttableApi(from: KubeConfig = defaultKubeConfig()): Promise<CutApi> {
  const cluster = from.getCurrentCluster();
  const door = await openDoor(new URL(cluster?.server ?? ''));
  const config = new KubeConfig();
  config.loadFromClusterAndUser({ ...cluster, name: 'cut', server: `https://127.0.0.1:${door.port}`, skipTLSVerify: true }, { ...from.getCurrentUser(), name: 'test' });
  const api = openApi(config);
  return {
    api,
    ...door,
    close: async () => {
      api.close();
      await door.close();
    },
  };
}

/** Passes bytes on in both directions, as long as it may. */
async function openDoor(target: URL): Promise<Omit<CutApi, 'api'> & { readonly port: number }> {
  const open = new Set<Socket>();
  const state = { silent: false };
  const server = createServer((client) => {
    const onward = connect(Number(target.port || 443), target.hostname);
    for (const [one, other] of [[client, onward], [onward, client]] as const) {
      open.add(one);
      one.on('error', () => undefined);
      one.on('close', () => other.destroy());
      one.on('data', (data) => void (state.silent || other.write(data)));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    for (const socket of open) socket.destroy();
    open.clear();
  };
  return {
    cut,
    port: (server.address() as { port: number }).port,
    silence: () => (state.silent = true),
    mend: () => {
      state.silent = false;
      cut();
    },
    close: async () => {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The API server as the operator's own account sees it, with the Role of the manifests and nothing else. */
export async function accountApi({ api, name, paths }: TestNamespace): Promise<Api> {
  const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${name}`;
  const accounts = `/api/v1/namespaces/${name}/serviceaccounts`;
  const metadata = { name: 'operator' };
  await api.call({ verb: 'create', path: accounts, body: { apiVersion: 'v1', kind: 'ServiceAccount', metadata } });
  await api.call({ verb: 'create', path: `${rbac}/roles`, body: { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata, rules: OPERATOR_RULES } });
  await api.call({ verb: 'create', path: `${rbac}/rolebindings`, body: { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'operator' }, subjects: [{ kind: 'ServiceAccount', name: 'operator', namespace: name }] } });
  const { status } = await api.call<{ status: { token: string } }>({ verb: 'create', path: `${accounts}/operator/token`, body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 3600 } } });
  const config = new KubeConfig();
  const cluster = api.config.getCurrentCluster();
  if (cluster === null) throw new Error(`No cluster is configured: set KUBECONFIG (for ${paths.pods()}).`);
  config.loadFromClusterAndUser(cluster, { name: 'operator', token: status.token });
  return openApi(config);
}
