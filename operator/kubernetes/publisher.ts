import type { Clock } from '../ports.ts';
import { servingPrimary } from '../decide/roles.ts';
import type { Operator } from '../operator.ts';
import type { Api } from './api.ts';
import { difference, layerLabels, memberLabels } from './labels.ts';
import type { Labels } from './labels.ts';
import type { LeaseKeeper } from './lease-keeper.ts';
import type { Paths } from './paths.ts';
import { isReady, PROBED_LAYERS, Prober } from './prober.ts';
import type { Pods } from './pods.ts';
import type { State } from './state.ts';
import { summaryOf } from './summary.ts';
import { Upkeep } from './upkeep.ts';
import type { Passwords } from './secret.ts';
import type { ProbedPod } from './withdrawal.ts';

/** Between two looks at whether something is to be published, ms. */
const ROUND_MS = 250;
/** Between two looks at the mark, while it is not there, ms. */
const MARK_MS = 1000;
/** Between two looks at what people are shown, ms. */
const SHOW_MS = 1000;
/** A label that was sent is not sent again for so long, while the watch has not shown it, ms. */
const SENT_MS = 2000;

/** What {@link Publisher} needs. */
export interface PublisherOptions {
  readonly api: Api;
  readonly paths: Paths;
  readonly pods: Pods;
  readonly state: State;
  readonly lease: LeaseKeeper;
  readonly operator: Operator;
  readonly passwords: Passwords;
  readonly clock: Clock;
  /** Of this operator. */
  readonly name: string;
  /** Told what does not work, and undefined when it works again. */
  readonly trouble: (problem: string | undefined) => void;
}

/** Copies what the operator knows into Kubernetes, while it holds the lease. Nothing rests on these copies but Services. */
export class Publisher {
  readonly #options: PublisherOptions;
  readonly #prober: Prober;
  readonly #upkeep: Upkeep;
  readonly #sent = new Map<string, { readonly text: string; readonly at: number }>();
  readonly #firstSeen = new Map<string, number>();
  #cancel: (() => void) | undefined;
  #showing = false;
  #shownAt = -Infinity;
  #markReadAt = -Infinity;

  constructor(options: PublisherOptions) {
    this.#options = options;
    this.#prober = new Prober(options.pods, options.clock, () => (options.lease.held ? 'withdraws' : 'standsBy'));
    this.#upkeep = new Upkeep(options);
  }

  /** Begins. Probes run in each operator, so that the next one need not begin with them. */
  start(): void {
    this.#prober.start();
    this.#round();
  }

  /** Ends. */
  stop(): void {
    this.#prober.stop();
    this.#cancel?.();
  }

  /** Something may have changed. */
  nudge(): void {
    if (!this.#options.lease.held) return;
    for (const layer of PROBED_LAYERS) this.#label(layerLabels(this.#prober.layer(layer), layer === 'web' ? 'are withdrawn' : 'stay'));
    const observation = this.#options.operator.loop.observe();
    this.#label(memberLabels(observation, this.#members()), servingPrimary(observation.members)?.name);
  }

  #round(): void {
    this.#cancel = this.#options.clock.after(ROUND_MS, () => this.#round());
    this.#readMark();
    if (!this.#options.lease.held) return;
    this.nudge();
    this.#upkeep.round();
    if (this.#options.clock.now() - this.#shownAt >= SHOW_MS) void this.#show();
  }

  /** Born-again-empty: who stands by while another does the first start must know of it before it ever takes over. */
  #readMark(): void {
    const { state, clock } = this.#options;
    if (state.certain || clock.now() - this.#markReadAt < MARK_MS) return;
    this.#markReadAt = clock.now();
    void state.load().catch(() => undefined);
  }

  /** The members' own connections are their probes. */
  #members(): readonly ProbedPod[] {
    const { pods, clock, operator } = this.#options;
    const silence = operator.crew.watch.lastContactMs();
    const answers = new Set(operator.crew.watch.known().filter(({ status }) => status !== undefined).map(({ name }) => name));
    return pods.all('mysql').map((pod) => {
      const { name, uid, deletionTimestamp } = pod.metadata;
      const since = this.#firstSeen.get(uid) ?? clock.now();
      this.#firstSeen.set(uid, since);
      return { name, silentMs: answers.has(name) ? silence.get(name) : undefined, knownMs: clock.now() - since, ready: isReady(pod), leaving: deletionTimestamp !== undefined };
    });
  }

  #label(wanted: ReadonlyMap<string, Labels>, primary?: string): void {
    const { api, paths, pods, clock, trouble } = this.#options;
    for (const [name, labels] of wanted) {
      const pod = pods.get(name);
      const change = pod && difference(pod, labels, primary);
      if (pod === undefined || change === undefined) continue;
      const { uid } = pod.metadata;
      const text = JSON.stringify(change);
      const sent = this.#sent.get(uid);
      if (sent?.text === text && clock.now() - sent.at < SENT_MS) continue;
      this.#sent.set(uid, { text, at: clock.now() });
      // With the uid, so that it fails for a pod of the same name that came since.
      void api.call({ verb: 'patch', path: paths.pods(name), body: { metadata: { uid, labels: change } } }).catch((error: unknown) => trouble((error as Error).message));
    }
  }

  async #show(): Promise<void> {
    const { state, operator, name, trouble } = this.#options;
    if (this.#showing) return;
    this.#showing = true;
    this.#shownAt = this.#options.clock.now();
    await state.show(summaryOf(operator, name)).catch((error: unknown) => trouble((error as Error).message));
    this.#showing = false;
  }
}
