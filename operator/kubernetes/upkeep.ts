import { WORKLOADS } from '../../common/kubernetes.ts';
import type { Operator } from '../operator.ts';
import type { Clock } from '../ports.ts';
import type { Api } from './api.ts';
import type { Meta, Pod } from './objects.ts';
import type { Paths } from './paths.ts';
import type { Pods } from './pods.ts';
import { isReady } from './prober.ts';
import { isGivenUp, mayReplace, replacePod } from './replace.ts';
import { scaleOnce } from './scale.ts';
import { ensureSecret } from './secret.ts';
import type { Passwords } from './secret.ts';
import type { State } from './state.ts';

/** Between two rounds, ms. */
const ROUND_MS = 5000;
/** The mark and the Secret are looked after each so many rounds. */
const SELDOM = 3;

/** What {@link Upkeep} needs. */
export interface UpkeepOptions {
  readonly api: Api;
  readonly paths: Paths;
  readonly pods: Pods;
  readonly state: State;
  readonly operator: Operator;
  readonly passwords: Passwords;
  readonly clock: Clock;
  readonly trouble: (problem: string | undefined) => void;
}

interface StatefulSet {
  readonly metadata: Meta;
  readonly status?: { readonly updateRevision?: string };
}

/** What has to be looked after now and then: the first scale, the Secret, the mark, the revision, pods that are given up. */
export class Upkeep {
  readonly #options: UpkeepOptions;
  #rounds = 0;
  #at = -Infinity;
  #working = false;

  constructor(options: UpkeepOptions) {
    this.#options = options;
  }

  /** Called often; does something now and then. Never rejects. */
  round(): void {
    const { clock } = this.#options;
    if (this.#working || clock.now() - this.#at < ROUND_MS) return;
    this.#at = clock.now();
    this.#working = true;
    void this.#work().finally(() => (this.#working = false));
  }

  /** Each part by itself: what one lacks holds up no other. */
  async #work(): Promise<void> {
    const { api, paths, pods, trouble } = this.#options;
    this.#rounds += 1;
    const parts = [() => scaleOnce(api, paths), () => this.#readRevision(), ...pods.all().filter(isGivenUp).map((pod) => () => this.#replace(pod)), ...(this.#rounds % SELDOM === 1 ? [() => this.#keep()] : [])];
    let problem: string | undefined;
    for (const part of parts) await part().catch((error: unknown) => (problem = (error as Error).message));
    trouble(problem);
  }

  async #readRevision(): Promise<void> {
    const { api, paths, pods } = this.#options;
    const set = await api.call<StatefulSet>({ verb: 'get', path: paths.statefulSets(WORKLOADS.mysql) });
    pods.updateRevision = set.status?.updateRevision;
  }

  async #keep(): Promise<void> {
    const { api, paths, state, passwords } = this.#options;
    await state.load();
    await state.keepMark();
    const { filled } = await ensureSecret({ api, path: paths.secrets(), known: passwords, hasData: () => state.load() });
    if (filled) this.#note('the Secret was put back');
  }

  /** A member under the rules of its data; a Redis server when it is not ready, since the cache may be lost. */
  async #replace(pod: Pod): Promise<void> {
    const { api, paths, pods, operator } = this.#options;
    const { name } = pod.metadata;
    const isMember = pods.all('mysql').includes(pod);
    if (!isMember && (!pods.all('redis').includes(pod) || isReady(pod))) return;
    const verdict = isMember ? mayReplace(operator.loop.observe(), name) : { kind: 'may' as const };
    if (verdict.kind === 'not') return this.#note(verdict.reason, name);
    await replacePod(api, paths, pod);
    this.#note(`${name} is replaced, since a person said that its node never comes back: its pod and claim were removed`, name);
  }

  #note(text: string, member?: string): void {
    this.#options.operator.crew.journal.note(text, member === undefined ? {} : { member });
  }
}
