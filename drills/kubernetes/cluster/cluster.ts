import { createConnection, type Connection } from 'mysql2/promise';
import { APP, EDGE_NODE_LABEL, LABELS, podNames, PORTS, SECRET, WORKLOADS } from '../../../common/kubernetes.ts';
import { USERS } from '../../../common/names.ts';
import type { Look } from '../../report/sampler.ts';
import type { OperatorStatus } from '../../stack/status.ts';
import { untilWhole, type Target } from '../../stack/target.ts';
import { Api } from './api.ts';
import type { Commands } from './commands.ts';
import { Forwards } from './forwards.ts';
import { clusterAilments } from './health.ts';
import { Kubectl } from './kubectl.ts';
import { isOver, podsOf, stateOf, type Node, type Pod, type Snapshot, type WorkloadObject } from './objects.ts';

/** Which stack is meant, and how it is reached. */
export interface ClusterOptions {
  readonly namespace: string;
  /** Addresses of the edge, in the order of the names of the nodes that they lead to. */
  readonly urls: readonly string[];
  readonly commands: Commands;
}

const ANSWER_MS = 1500;
const HEALTH_EVERY_MS = 500;

/** A stack on Kubernetes as a drill sees it from outside: kubectl with the current context, and the commands that were given. */
export class Cluster implements Target {
  readonly urls: readonly string[];
  readonly memberNames: readonly string[] = podNames('mysql');
  readonly kubectl: Kubectl;
  readonly commands: Commands;
  readonly #api: Api;
  readonly #forwards: Forwards;
  readonly #passwords: Readonly<Record<string, string>>;
  readonly #edgeNodes: readonly string[];

  private constructor(options: ClusterOptions, parts: { kubectl: Kubectl; api: Api; passwords: Readonly<Record<string, string>>; edgeNodes: readonly string[] }) {
    this.urls = options.urls;
    this.commands = options.commands;
    this.kubectl = parts.kubectl;
    this.#api = parts.api;
    this.#passwords = parts.passwords;
    this.#edgeNodes = parts.edgeNodes;
    this.#forwards = new Forwards(parts.kubectl);
  }

  /**
   * The stack in a namespace of the current context. It must be closed.
   * @throws Error when none is installed there
   */
  static async find(options: ClusterOptions, signal: AbortSignal): Promise<Cluster> {
    const kubectl = new Kubectl(options.namespace);
    const api = await Api.start(kubectl, signal);
    try {
      const secret = await api.get<{ readonly data?: Readonly<Record<string, string>> }>(`/api/v1/namespaces/${options.namespace}/secrets/${SECRET.name}`, signal);
      const passwords = Object.fromEntries(Object.entries(secret.data ?? {}).map(([name, text]) => [name, Buffer.from(text, 'base64').toString()]));
      const nodes = (await api.get<List<Node>>('/api/v1/nodes', signal)).items.filter((node) => node.metadata.labels?.[EDGE_NODE_LABEL.key] === EDGE_NODE_LABEL.value);
      return new Cluster(options, { kubectl, api, passwords, edgeNodes: nodes.map((node) => node.metadata.name).sort() });
    } catch (error) {
      api.close();
      throw new Error(`No stack was found in the namespace ${options.namespace} of the current context: install it first, or name another with --namespace.`, { cause: error });
    }
  }

  /** Ends what it has started. */
  close(): void {
    this.#forwards.close();
    this.#api.close();
  }

  /**
   * A password of the stack's Secret.
   * @param name a value of USERS, or `redis`
   */
  password(name: string): string {
    const password = this.#passwords[name];
    if (password === undefined) throw new Error(`The Secret ${SECRET.name} has no ${name}: has the operator filled it yet?`);
    return password;
  }

  /** All that there is now. */
  async snapshot(signal: AbortSignal): Promise<Snapshot> {
    const { namespace } = this.kubectl;
    const [pods, deployments, sets, nodes] = await Promise.all([
      this.pods(signal),
      this.#api.get<List<WorkloadObject>>(`/apis/apps/v1/namespaces/${namespace}/deployments`, signal),
      this.#api.get<List<WorkloadObject>>(`/apis/apps/v1/namespaces/${namespace}/statefulsets`, signal),
      this.nodes(signal),
    ]);
    return { pods, workloads: [...deployments.items, ...sets.items], nodes };
  }

  /** All pods of the stack. */
  async pods(signal: AbortSignal): Promise<readonly Pod[]> {
    const selector = encodeURIComponent(`${LABELS.name}=${APP}`);
    return (await this.#api.get<List<Pod>>(`/api/v1/namespaces/${this.kubectl.namespace}/pods?labelSelector=${selector}`, signal)).items;
  }

  /** All nodes that take pods by themselves: not a control plane. */
  async nodes(signal: AbortSignal): Promise<readonly Node[]> {
    const { items } = await this.#api.get<List<Node>>('/api/v1/nodes', signal);
    return items.filter((node) => node.metadata.labels?.['node-role.kubernetes.io/control-plane'] === undefined);
  }

  /** A pod by its name. @throws Error when there is none */
  async pod(name: string, signal: AbortSignal): Promise<Pod> {
    const found = (await this.pods(signal)).find((pod) => pod.metadata.name === name);
    if (found === undefined) throw new Error(`There is no pod ${name}.`);
    return found;
  }

  /** The addresses whose clients are connected to the edge on a node. */
  addressesOf(node: string | undefined): ReadonlySet<string> {
    const url = node === undefined ? undefined : this.urls[this.#edgeNodes.indexOf(node)];
    return new Set(url === undefined ? [] : [url]);
  }

  /** Whether clients reach an edge on a node. */
  isEdgeNode(node: string): boolean {
    return this.#edgeNodes.includes(node);
  }

  /** The operator that acts, with its pod; null while none answers that it does. */
  async leader(signal: AbortSignal): Promise<{ readonly pod: Pod; readonly status: OperatorStatus } | null> {
    const pods = podsOf(await this.pods(signal), WORKLOADS.operator);
    const acting = pods.map(async (pod) => {
      const status = await this.#status(pod, signal);
      if (!status.acting) throw new Error(`${pod.metadata.name} stands by.`);
      return { pod, status };
    });
    // The first that says so: one on a lost node does not answer at all.
    return await Promise.any(acting).catch(() => null);
  }

  async operator(signal: AbortSignal): Promise<OperatorStatus | null> {
    return (await this.leader(signal))?.status ?? null;
  }

  async look(signal: AbortSignal): Promise<Look> {
    const [pods, operator] = await Promise.all([this.pods(signal), this.operator(signal)]);
    return { operator, parts: pods.filter((pod) => !isOver(pod)).map((pod) => ({ name: pod.metadata.name, state: stateOf(pod) })) };
  }

  /** Gives an order to an operator. @returns what it says @throws Error with its reason when it refuses */
  async order(pod: Pod, path: string, order: { readonly token: string; readonly body: unknown }, signal: AbortSignal): Promise<string> {
    const port = await this.#forwards.to(pod, PORTS.operator);
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', headers: { authorization: `Bearer ${order.token}`, 'content-type': 'application/json' }, body: JSON.stringify(order.body), signal });
    const { text } = (await response.json()) as { readonly text?: string };
    if (!response.ok) throw new Error(`${pod.metadata.name} refused ${path}: ${text ?? response.status}`);
    return text ?? '';
  }

  async sql(name: string, user: string = USERS.operator): Promise<Connection> {
    const pod = await this.pod(name, AbortSignal.timeout(ANSWER_MS * 2));
    const port = await this.#forwards.to(pod, PORTS.mysql);
    try {
      const connection = await createConnection({
        host: '127.0.0.1', port, user, password: this.password(user), connectTimeout: 3000, supportBigNumbers: true, dateStrings: true,
      });
      // A member that dies while nothing is asked of it; whoever asks next gets the error.
      connection.on('error', () => undefined);
      return connection;
    } catch (error) {
      this.#forwards.drop(pod, PORTS.mysql);
      throw error;
    }
  }

  async waitForHealth(boundMs: number, signal: AbortSignal): Promise<void> {
    const look = async (): Promise<readonly string[]> => {
      const [snapshot, operator] = await Promise.all([this.snapshot(signal), this.operator(signal)]);
      return clusterAilments(snapshot, operator, this.memberNames);
    };
    await untilWhole({ look, blind: 'the Kubernetes API does not answer', boundMs, everyMs: HEALTH_EVERY_MS }, signal);
  }

  /** @throws Error when it does not answer in time; then a way to it that is still being opened is left to open */
  async #status(pod: Pod, signal: AbortSignal): Promise<OperatorStatus> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]);
    const late = Promise.withResolvers<never>();
    limit.addEventListener('abort', () => late.reject(new Error(`${pod.metadata.name} does not answer.`)));
    const port = await Promise.race([this.#forwards.to(pod, PORTS.operator), late.promise]);
    try {
      return (await (await fetch(`http://127.0.0.1:${port}/status`, { signal: limit })).json()) as OperatorStatus;
    } catch (error) {
      this.#forwards.drop(pod, PORTS.operator);
      throw error;
    }
  }
}

interface List<T> {
  readonly items: readonly T[];
}
