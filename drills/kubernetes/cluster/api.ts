import { mkdtempSync, rmSync } from 'node:fs';
import type { ChildProcess } from 'node:child_process';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../../stack/wait.ts';
import type { Kubectl } from './kubectl.ts';

const START_MS = 10_000;
const ANSWER_MS = 5000;

/**
 * Reads of the API, through one `kubectl proxy` that goes on as long as the drill: a kubectl for every look would take more
 * of two cores than what is measured. It listens on a socket that only this user can open.
 */
export class Api {
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(child: ChildProcess, folder: string) {
    this.#child = child;
    this.#folder = folder;
  }

  /** @throws Error with what kubectl said when it does not answer */
  static async start(kubectl: Kubectl, signal: AbortSignal): Promise<Api> {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-api-'));
    const child = kubectl.start(['proxy', `--unix-socket=${join(folder, 'socket')}`]);
    const api = new Api(child, folder);
    let said = '';
    child.stderr?.on('data', (chunk) => { said += String(chunk); });
    child.once('error', (error) => { said += error.message; });
    try {
      await until({ what: 'An answer of the Kubernetes API', boundMs: START_MS, signal }, () => api.get('/version', signal));
      return api;
    } catch (error) {
      api.close();
      throw new Error(`Reaching the Kubernetes API through kubectl proxy failed: ${said.trim()}`, { cause: error });
    }
  }

  /**
   * One object or list.
   * @param path such as `/api/v1/nodes`
   * @throws Error when there is no answer in five seconds, or another one than 200
   */
  async get<T>(path: string, signal: AbortSignal): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const asked = request({ socketPath: join(this.#folder, 'socket'), path, signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]) });
    asked.once('error', (cause) => reject(new Error(`Reading ${path} of the Kubernetes API failed.`, { cause })));
    asked.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => { text += String(chunk); });
      response.once('error', reject);
      response.once('end', () => {
        if (response.statusCode === 200) resolve(JSON.parse(text) as T);
        else reject(new Error(`Reading ${path} of the Kubernetes API was answered ${response.statusCode ?? 0}: ${text.slice(0, 200)}`));
      });
    });
    asked.end();
    return await promise;
  }

  /** Ends it. */
  close(): void {
    this.#child.kill('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
