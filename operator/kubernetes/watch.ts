import { Watch } from '@kubernetes/client-node';
import type { KubeConfig } from '@kubernetes/client-node';
import type { Clock } from '../ports.ts';
import type { Api } from './api.ts';
import { ApiError } from './api.ts';
import type { List, Pod } from './objects.ts';
import type { ChangeType, Pods } from './pods.ts';

/** A watch in which nothing is heard for so long is begun anew, ms: its connection may lead nowhere. */
export const IDLE_MS = 10_000;
/** After so long the server ends a watch by itself, s. It sends a bookmark two seconds before, so that the next one starts from there. */
const SERVER_ENDS_S = 9;
/** Pause after a failure, ms. */
export const AGAIN_MS = 250;
const GONE = 410;

/** What {@link PodWatch} needs. */
export interface PodWatchOptions {
  readonly api: Api;
  /** Path of the resource. */
  readonly path: string;
  readonly labelSelector: string;
  readonly pods: Pods;
  readonly clock: Clock;
  /** Where to begin, when that is known; else with a list. */
  readonly from?: string;
  /** Called after each change. */
  readonly changed: () => void;
  /** Called with what does not work, and with undefined when it works again. */
  readonly trouble: (text: string | undefined) => void;
}

/**
 * Lists the pods once, then keeps a watch open for as long as it runs: the package's informer stops on most errors and may
 * stay blind for half a minute. Lists anew only when the server no longer has what happened since (410).
 */
export class PodWatch {
  readonly #options: PodWatchOptions;
  readonly #stopping = new AbortController();
  #version: string | undefined;
  #heardAt: number | undefined;
  #current: OpenWatch | undefined;

  constructor(options: PodWatchOptions) {
    this.#options = options;
    this.#version = options.from;
  }

  /** Since the server was last heard, ms; Infinity before the first time. */
  get silentMs(): number {
    return this.#heardAt === undefined ? Infinity : this.#options.clock.now() - this.#heardAt;
  }

  /** Begins. */
  start(): void {
    void this.#run();
  }

  /** Ends for good. */
  stop(): void {
    this.#stopping.abort();
    this.#current?.end();
  }

  async #run(): Promise<void> {
    const { clock, trouble } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        this.#version ??= await this.#list();
        await this.#watch(this.#version);
        trouble(undefined);
      } catch (error) {
        if (error instanceof ApiError && error.status === GONE) this.#version = undefined;
        else if (!signal.aborted) trouble((error as Error).message);
        await clock.sleep(AGAIN_MS, signal).catch(() => undefined);
      }
    }
  }

  async #list(): Promise<string> {
    const { api, path, labelSelector, pods, changed, clock } = this.#options;
    const list = await api.call<List<Pod>>({ verb: 'get', path: `${path}?labelSelector=${encodeURIComponent(labelSelector)}` });
    this.#heardAt = clock.now();
    pods.replace(list.items);
    changed();
    return list.metadata.resourceVersion;
  }

  /** Until the server ends it, or says nothing for too long. */
  async #watch(version: string): Promise<void> {
    const { api, path, labelSelector, clock } = this.#options;
    let cancel = (): void => undefined;
    const giveUp = (): void => watch.end(new ApiError(`Kubernetes: watching pods: nothing was heard for ${IDLE_MS / 1000} s, so it is begun anew`, 0));
    const listen = (): void => {
      this.#heardAt = clock.now();
      cancel();
      cancel = clock.after(IDLE_MS, giveUp);
    };
    const query = { labelSelector, allowWatchBookmarks: true, resourceVersion: version, timeoutSeconds: SERVER_ENDS_S };
    const watch = openWatch(api.config, { path, query, hear: (event) => {
      listen();
      this.#hear(event);
    } });
    cancel = clock.after(IDLE_MS, giveUp);
    this.#current = watch;
    try {
      await watch.ended;
      // An end in order is a sign of life as well.
      this.#heardAt = clock.now();
    } finally {
      cancel();
    }
  }

  #hear({ type, object }: WatchEvent): void {
    if (type === 'ERROR') {
      this.#current?.end(new ApiError(`Kubernetes: watching pods: ${object.message ?? 'the server ended it'}`, object.code ?? 0));
      return;
    }
    this.#version = object.metadata.resourceVersion;
    if (type === 'BOOKMARK') return;
    this.#options.pods.apply(type, object);
    this.#options.changed();
  }
}

type WatchEvent =
  | { readonly type: ChangeType | 'BOOKMARK'; readonly object: Pod }
  | { readonly type: 'ERROR'; readonly object: { readonly code?: number; readonly message?: string } };

interface OpenWatch {
  /** Settles when it is over; rejects with why when it did not end in order. */
  readonly ended: Promise<void>;
  /** Ends it at once, also while it still connects. */
  readonly end: (error?: Error) => void;
}

interface WatchRequest {
  readonly path: string;
  readonly query: Record<string, string | number | boolean>;
  readonly hear: (event: WatchEvent) => void;
}

/** The package's watch, which can be ended only once it has connected: so its connections are ended from below. */
function openWatch(config: KubeConfig, { path, query, hear }: WatchRequest): OpenWatch {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let over = false;
  let agent: { destroy?: () => void } | undefined;
  const own = Object.create(config) as KubeConfig;
  own.applyToFetchOptions = async (options) => {
    const init = await config.applyToFetchOptions(options);
    agent = init.agent as typeof agent;
    return init;
  };
  const end = (error?: Error): void => {
    if (over) return;
    over = true;
    agent?.destroy?.();
    if (error === undefined) resolve();
    else reject(error);
  };
  const done = (error: unknown): void => {
    const status = (error as { readonly statusCode?: number } | null)?.statusCode ?? 0;
    end(error instanceof Error ? new ApiError(`Kubernetes: watching ${path}: ${error.message}`, status, { cause: error }) : undefined);
  };
  const callback = (type: string, object: unknown): void => {
    if (!over) hear({ type, object } as WatchEvent);
  };
  new Watch(own).watch(path, query, callback, done).then(undefined, done);
  return { ended: promise, end };
}
