import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { USERS } from '../../common/names.ts';
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
    const passwords = Object.fromEntries([...Object.values(USERS), 'root', 'redis', 'cookie'].map((key) => [key, randomBytes(12).toString('base64url')]));
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
  kubectl(args: readonly string[], objects?: readonly object[]): string {
    const input = objects === undefined ? {} : { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }) };
    const { status, stdout, stderr } = spawnSync('kubectl', ['--namespace', this.name, ...args], { ...input, encoding: 'utf8', timeout: KUBECTL_MS });
    assert.equal(status, 0, `kubectl ${args.join(' ')}: ${stderr}`);
    return stdout.trim();
  }

  #of(file: string): readonly object[] {
    return (this.#files[file] ?? assert.fail(`there is no ${file}`)) as readonly object[];
  }
}

/**
 * Waits for something.
 * @param holds may throw as well, as long as it does not hold
 * @throws AssertionError, or what it threw last, after the limit, ms
 */
export async function until(what: string, holds: () => boolean, limitMs = 60_000): Promise<void> {
  const end = performance.now() + limitMs;
  let trouble: unknown;
  while (performance.now() < end) {
    try {
      if (holds()) return;
      trouble = undefined;
    } catch (error) {
      trouble = error;
    }
    await sleep(250);
  }
  assert.fail(`after ${limitMs} ms still not: ${what}${trouble === undefined ? '' : ` (${(trouble as Error).message})`}`);
}
