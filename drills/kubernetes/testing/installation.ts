import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { API_PATH } from '../../../common/names.ts';
import { APP, LABELS } from '../../../common/kubernetes.ts';
import { Problem } from '../../../local/programs/problem.ts';
import { until } from '../../stack/wait.ts';
import { Kubectl, runProgram } from '../cluster/kubectl.ts';
import type { Pod } from '../cluster/objects.ts';

const ROOT = join(import.meta.dirname, '../../..');
/** What a person waits for after `kubectl apply`, three times over. */
const FIRST_WRITE_MS = 270_000;
const READY_MS = 180_000;
const REMOVED_MS = 300_000;
const NO_IMAGE = new Set(['ErrImagePull', 'ImagePullBackOff', 'ErrImageNeverPull', 'InvalidImageName']);

/** A stack that a test has installed in a namespace of its own. */
export class Installation {
  readonly namespace: string;
  readonly #manifests: string;
  readonly #kubectl: Kubectl;

  private constructor(namespace: string, manifests: string) {
    this.namespace = namespace;
    this.#manifests = manifests;
    this.#kubectl = new Kubectl(namespace);
  }

  /**
   * Synthesizes the manifests for a namespace, and applies nothing yet.
   * @param image of service and operator, such as `holdfast:dev`; every node must have it
   * @throws Problem when a stack is installed already: two would want the same ports of the nodes
   */
  static async prepare(namespace: string, image: string, signal: AbortSignal): Promise<Installation> {
    await refuseASecond(signal);
    const manifests = mkdtempSync(join(tmpdir(), 'holdfast-manifests-'));
    const set = (path: string, value: string): readonly string[] => ['--set', `${path}=${value}`];
    await runProgram([process.execPath, join(ROOT, 'charts-ts/main.ts'), ...set('namespace', namespace), ...set('images.holdfast', image), '--out', manifests], { signal });
    return new Installation(namespace, manifests);
  }

  /** `kubectl apply`. */
  async apply(signal: AbortSignal): Promise<void> {
    await this.#kubectl.run(['apply', '-f', this.#manifests], { signal, limitMs: 60_000 });
  }

  /**
   * Writes until the first write is acknowledged.
   * @throws Problem when a node lacks an image; Error when it takes too long
   */
  async firstWrite(url: string, signal: AbortSignal): Promise<void> {
    const bound = new AbortController();
    const ended = AbortSignal.any([signal, bound.signal]);
    let looked = 0;
    await until({ what: `A first 201 of ${url}`, boundMs: FIRST_WRITE_MS, everyMs: 250, signal: ended }, async () => {
      looked += 1;
      if (looked % 20 === 0) await this.#refuseMissingImages(signal).catch((error: unknown) => bound.abort(error));
      const body = JSON.stringify({ address: 'holdfast drill first write' });
      const headers = { 'content-type': 'application/json', 'idempotency-key': `first-write-${looked}` };
      const answer = await fetch(`${url}${API_PATH}`, { method: 'POST', headers, body, signal: AbortSignal.any([ended, AbortSignal.timeout(3000)]) });
      await answer.arrayBuffer();
      return answer.status === 201 ? true : null;
    });
  }

  /** Waits until every pod is ready. @throws Error that names one that is not within three minutes */
  async ready(signal: AbortSignal): Promise<void> {
    await this.#kubectl.run(['wait', '--for=condition=Ready', 'pods', '--all', `--timeout=${READY_MS / 1000}s`], { signal, limitMs: READY_MS + 10_000 });
  }

  /** Restarts of all its containers so far, by pod and container; those without any are left out. */
  async restarts(signal: AbortSignal): Promise<readonly string[]> {
    return (await this.#pods(signal)).flatMap((pod) => (pod.status.containerStatuses ?? [])
      .filter((one) => one.restartCount > 0).map((one) => `${pod.metadata.name}/${one.name}: ${one.restartCount}`));
  }

  /** Removes all of it, with its data, and waits until it is gone. */
  async remove(): Promise<void> {
    const options = { signal: AbortSignal.timeout(REMOVED_MS), limitMs: REMOVED_MS };
    await this.#kubectl.run(['delete', '-f', this.#manifests, '--ignore-not-found', `--timeout=${REMOVED_MS / 1000}s`], options);
    rmSync(this.#manifests, { recursive: true, force: true });
  }

  async #refuseMissingImages(signal: AbortSignal): Promise<void> {
    const waiting = (await this.#pods(signal)).flatMap((pod) => (pod.status.containerStatuses ?? []).map((one) => ({ pod: pod.metadata.name, ...one })));
    const lacking = waiting.find((one) => NO_IMAGE.has(one.state?.waiting?.reason ?? ''));
    if (lacking !== undefined) throw new Problem(`${lacking.pod} cannot run: its node has not the image of ${lacking.name}. Load it first (docker build -t holdfast:dev . && kind load docker-image holdfast:dev), or name another with HOLDFAST_IMAGE.`);
  }

  async #pods(signal: AbortSignal): Promise<readonly Pod[]> {
    return (JSON.parse(await this.#kubectl.run(['get', 'pods', '-o', 'json'], { signal })) as { readonly items: readonly Pod[] }).items;
  }
}

/** What another test has just removed may take a moment to go. */
const GOING_MS = 20_000;

async function refuseASecond(signal: AbortSignal): Promise<void> {
  let namespace: string | undefined;
  const none = async (): Promise<true | null> => {
    const found = await runProgram(['kubectl', 'get', 'deployments', '--all-namespaces', '--selector', `${LABELS.name}=${APP}`, '-o', 'jsonpath={.items[*].metadata.namespace}'], { signal });
    [namespace] = found.trim().split(/\s+/).filter((name) => name !== '');
    return namespace === undefined ? true : null;
  };
  try {
    await until({ what: 'A cluster without a stack', boundMs: GOING_MS, everyMs: 1000, signal }, none);
  } catch (error) {
    if (namespace === undefined) throw error;
    throw new Problem(`A stack is installed in the namespace ${namespace} already, and a second one would want the same ports: remove it first (kubectl delete namespace ${namespace}), or break that one with npm run drill -- --target kubernetes --namespace ${namespace} NAME.`, { cause: error });
  }
}
