import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { newSecret, SECRET_KEYS } from '../../common/secrets.ts';
import { waitFor } from '../../local/testing/wait.ts';
import { settingsFrom } from '../settings.ts';
import { manifestsOf } from '../synth.ts';

const KUBECTL_MS = 60_000;

/** A part of an installation, in a namespace of its own, on the cluster of the current kubeconfig. */
export class TestNamespace {
  readonly name = `holdfast-test-${randomBytes(3).toString('hex')}`;
  readonly #files = manifestsOf(settingsFrom([{ namespace: this.name }]));

  /**
   * Makes it, with the settings and the passwords of everything, and the objects of one file.
   * @param file such as `50-mysql.yaml`
   * @param change what is other than in the manifests
   */
  install(file: string, change: (manifest: object) => object = (manifest) => manifest): void {
    const passwords = Object.fromEntries(SECRET_KEYS.map((key) => [key, newSecret()]));
    this.kubectl(['apply', '-f', '-'], [...this.#of('00-namespace.yaml'), ...this.#of('20-settings.yaml'), ...this.#of(file).map(change)]);
    this.kubectl(['patch', 'secret', 'holdfast-passwords', '-p', JSON.stringify({ stringData: passwords })]);
  }

  /** Removes everything; does not wait for it. */
  remove(): void {
    this.kubectl(['delete', '--wait=false', '-f', '-'], this.#of('00-namespace.yaml'));
  }

  /**
   * Runs kubectl in this namespace.
   * @returns what it wrote
   * @throws AssertionError when it fails
   */
  kubectl(args: readonly string[], objects?: readonly unknown[]): string {
    return kubectl(['--namespace', this.name, ...args], objects).out.trim();
  }

  #of(file: string): readonly object[] {
    return (this.#files[file] ?? assert.fail(`there is no ${file}`)) as readonly object[];
  }
}

/** What kubectl wrote. */
export interface Said {
  readonly out: string;
  readonly error: string;
}

/**
 * Runs kubectl.
 * @param objects for its standard input
 * @throws AssertionError when it fails
 */
export function kubectl(args: readonly string[], objects?: readonly unknown[]): Said {
  const input = objects === undefined ? {} : { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }) };
  const { status, stdout, stderr } = spawnSync('kubectl', args, { ...input, encoding: 'utf8', timeout: KUBECTL_MS });
  assert.equal(status, 0, `kubectl ${args.join(' ')}: ${stderr}`);
  return { out: stdout, error: stderr };
}

/**
 * Waits for something that kubectl tells.
 * @param holds may throw as well, as long as it does not hold
 * @throws Error with what it threw last, after a minute
 */
export const until = (what: string, holds: () => boolean): Promise<void> => waitFor(what, () => Promise.resolve(holds()), 60_000, 250);
