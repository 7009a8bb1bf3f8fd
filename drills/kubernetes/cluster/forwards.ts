import type { ChildProcess } from 'node:child_process';
import type { Kubectl } from './kubectl.ts';
import type { Pod } from './objects.ts';

const OPEN_MS = 10_000;

interface Forward {
  readonly child: ChildProcess;
  readonly port: Promise<number>;
}

/** Ways from the loopback to ports of pods, each kept until it breaks: pods are not everywhere reachable by their own address. */
export class Forwards {
  readonly #kubectl: Kubectl;
  readonly #open = new Map<string, Forward>();

  constructor(kubectl: Kubectl) {
    this.#kubectl = kubectl;
  }

  /**
   * The port of the loopback that leads to a pod's port.
   * @throws Error with what kubectl said when there is no way to it within ten seconds
   */
  async to(pod: Pod, port: number): Promise<number> {
    const key = keyOf(pod, port);
    const forward = this.#open.get(key) ?? this.#start(key, pod.metadata.name, port);
    return await forward.port;
  }

  /** Gives up a way that was of no use, so that the next asking opens another. */
  drop(pod: Pod, port: number): void {
    const key = keyOf(pod, port);
    this.#open.get(key)?.child.kill('SIGKILL');
    this.#open.delete(key);
  }

  /** Closes all. */
  close(): void {
    for (const { child } of this.#open.values()) child.kill('SIGKILL');
    this.#open.clear();
  }

  #start(key: string, name: string, port: number): Forward {
    const child = this.#kubectl.start(['port-forward', '--address=127.0.0.1', `pod/${name}`, `:${port}`]);
    const forward = { child, port: portOf(child, `${name}:${port}`) };
    this.#open.set(key, forward);
    const gone = (): void => {
      if (this.#open.get(key) === forward) this.#open.delete(key);
    };
    child.once('exit', gone);
    child.once('error', gone);
    // Whoever awaits it gets the error; nobody may be waiting any more.
    forward.port.catch(gone);
    return forward;
  }
}

const keyOf = (pod: Pod, port: number): string => `${pod.metadata.uid} ${port}`;

/** The port that kubectl says it listens on. */
async function portOf(child: ChildProcess, what: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const limit = setTimeout(() => child.kill('SIGKILL'), OPEN_MS);
  let said = '';
  child.stderr?.on('data', (chunk) => { said += String(chunk); });
  child.stdout?.on('data', (chunk) => {
    const port = /^Forwarding from 127\.0\.0\.1:(\d+) ->/m.exec(String(chunk))?.[1];
    if (port !== undefined) resolve(Number(port));
  });
  child.once('error', reject);
  child.once('close', () => reject(new Error(`Forwarding a port to ${what} failed: ${said.trim()}`)));
  return await promise.finally(() => clearTimeout(limit));
}
