import { Agent, get } from 'node:http';
import { PORTS } from '../../common/kubernetes.ts';
import type { Clock } from '../ports.ts';
import type { Pod } from './objects.ts';
import type { Pods } from './pods.ts';
import { componentOf } from './pods.ts';
import type { ProbedPod } from './withdrawal.ts';

/** Between two questions to a pod, ms: for who withdraws pods, and for who would be next. */
export const PACE_MS = { withdraws: 600, standsBy: 1200 } as const;
/** A round that comes so late was slept through, ms. */
const LATE_MS = 500;
/** How long an answer may take, ms; a pod is silent only after several of them. */
const DEADLINE_MS = 1000;

/** Layers that are asked over HTTP, and where: a completed handshake proves nothing, since a paused node's kernel makes it. */
const DOORS = { web: PORTS.web, edge: PORTS.edgeHealth } as const;

/** A layer that is probed. */
export type ProbedLayer = keyof typeof DOORS;
/** All of them. */
export const PROBED_LAYERS: readonly ProbedLayer[] = ['web', 'edge'];

interface Known {
  readonly firstSeenAt: number;
  answeredAt: number | undefined;
  asking: boolean;
}

/** Asks every pod of the edge and the service whether it lives, all the time: Kubernetes takes most of a minute to call a node dead. */
export class Prober {
  readonly #pods: Pods;
  readonly #clock: Clock;
  readonly #pace: () => keyof typeof PACE_MS;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  /** By uid. */
  readonly #known = new Map<string, Known>();
  #cancel: (() => void) | undefined;
  #stopped = false;
  #dueAt: number | undefined;

  /** @param pace asked before each round */
  constructor(pods: Pods, clock: Clock, pace: () => keyof typeof PACE_MS) {
    this.#pods = pods;
    this.#clock = clock;
    this.#pace = pace;
  }

  /** Begins. */
  start(): void {
    if (this.#stopped) return;
    const now = this.#clock.now();
    // Who slept heard nobody.
    if (this.#dueAt !== undefined && now - this.#dueAt > LATE_MS) this.#known.clear();
    const pods = PROBED_LAYERS.flatMap((layer) => this.#pods.all(layer));
    const there = new Set(pods.map(({ metadata }) => metadata.uid));
    for (const uid of this.#known.keys()) if (!there.has(uid)) this.#known.delete(uid);
    for (const pod of pods) this.#ask(pod, now);
    const pause = PACE_MS[this.#pace()];
    this.#dueAt = now + pause;
    this.#cancel = this.#clock.after(pause, () => this.start());
  }

  /** Ends. */
  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
    this.#agent.destroy();
  }

  /** What is known of a layer now. */
  layer(layer: ProbedLayer): readonly ProbedPod[] {
    const now = this.#clock.now();
    return this.#pods.all(layer).filter(isRunning).map((pod) => {
      const known = this.#known.get(pod.metadata.uid);
      const silentMs = known?.answeredAt === undefined ? undefined : now - known.answeredAt;
      return { name: pod.metadata.name, silentMs, knownMs: now - (known?.firstSeenAt ?? now), ready: isReady(pod), leaving: pod.metadata.deletionTimestamp !== undefined };
    });
  }

  #ask(pod: Pod, now: number): void {
    const known = this.#known.get(pod.metadata.uid) ?? { firstSeenAt: now, answeredAt: undefined, asking: false };
    this.#known.set(pod.metadata.uid, known);
    const host = pod.status?.podIP;
    const port = DOORS[componentOf(pod) as ProbedLayer];
    if (known.asking || host === undefined || !isRunning(pod)) return;
    known.asking = true;
    const request = get({ host, port, path: '/healthz', agent: this.#agent, timeout: DEADLINE_MS, signal: AbortSignal.timeout(DEADLINE_MS) }, (response) => {
      known.answeredAt = this.#clock.now();
      response.resume();
    });
    request.on('error', () => undefined);
    request.on('close', () => (known.asking = false));
  }
}

const isRunning = ({ status }: Pod): boolean => status?.phase === 'Running';

/** Whether Kubernetes calls it ready. */
export const isReady = ({ status }: Pod): boolean => status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') === true;
