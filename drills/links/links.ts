import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { numbered, portsFrom } from '../../local/stack/layout.ts';
import { webToMysql } from '../../local/stack/links.ts';
import type { Link, Side } from './link.ts';
import type { Weather } from './pipe.ts';

/** Who goes over links: all replicas alike, and both nginx alike. */
export type Traveller = 'replicas' | 'operator' | 'web-0' | 'nginx';

/** Where a link stands and where it leads. */
interface Way {
  readonly from: Traveller;
  readonly to: string;
  readonly port: number;
  readonly targetPort: number;
}

/** Every link of a stack. */
function waysOf(linkBase: number, basePort: number): readonly Way[] {
  const [here, there] = [portsFrom(linkBase), portsFrom(basePort)];
  const web = (kind: 'redis' | 'sentinel'): readonly Way[] => numbered(kind).map(({ name, index }) => ({ from: 'web-0', to: name, port: here[kind](index), targetPort: there[kind](index) }));
  return [
    ...numbered('mysql').flatMap(({ name, index }): readonly Way[] => [
      { from: 'replicas', to: name, port: here.mysql(index), targetPort: there.mysql(index) },
      { from: 'operator', to: name, port: here.mysqlAdmin(index), targetPort: there.mysqlAdmin(index) },
      { from: 'web-0', to: name, port: webToMysql(linkBase, index), targetPort: there.mysql(index) },
    ]),
    ...web('redis'), ...web('sentinel'),
    ...numbered('web').map(({ name, index }): Way => ({ from: 'nginx', to: name, port: here.web(index), targetPort: there.web(index) })),
  ];
}

/** A link as a drill sees it. What is asked of it happens within a moment. */
export type LinkHandle = Pick<Link, 'connections' | 'cut' | 'mend' | 'expose'>;

/** What the thread of the links is asked to do with one of them, by its number; `close` is for all. */
export type Order =
  | { readonly kind: 'cut'; readonly link: number; readonly side: Side; readonly only: readonly number[] | null }
  | { readonly kind: 'mend'; readonly link: number }
  | { readonly kind: 'expose'; readonly link: number; readonly weather: Weather }
  | { readonly kind: 'close' };

/** What the thread of the links is started with. */
export interface LinksData {
  readonly ways: readonly Pick<Way, 'port' | 'targetPort'>[];
  /** Where it keeps how many connections go through each. */
  readonly connections: Int32Array;
}

/**
 * Every way that a drill can cut: to each member for its replicas, for the operator and for one Koa, from that Koa to each
 * Redis and Sentinel, and from nginx to each Koa. The stack is told of them by the setting {@link LINK_SETTING} and then goes
 * over them. They are in a thread of their own: while a drill reads a long history, nothing else may stand still.
 */
export class Links {
  readonly #ways: readonly Way[];
  readonly #connections: Int32Array;
  readonly #thread: Worker;

  private constructor(ways: readonly Way[]) {
    this.#ways = ways;
    this.#connections = new Int32Array(new SharedArrayBuffer(ways.length * Int32Array.BYTES_PER_ELEMENT));
    const workerData: LinksData = { ways: ways.map(({ port, targetPort }) => ({ port, targetPort })), connections: this.#connections };
    this.#thread = new Worker(new URL('thread.ts', import.meta.url), { workerData });
  }

  /**
   * Opens all links, to servers that need not run yet.
   * @param linkBase base port of the links
   * @param basePort base port of the stack
   * @throws Error when a port is taken
   */
  static async open(linkBase: number, basePort: number): Promise<Links> {
    const links = new Links(waysOf(linkBase, basePort));
    await once(links.#thread, 'message');
    return links;
  }

  /**
   * The links by which somebody reaches some servers.
   * @param to what their names begin with, such as `mysql-0` or `redis`
   */
  between(from: Traveller, to: string): readonly LinkHandle[] {
    return this.#ways.flatMap((way, link) => (way.from === from && way.to.startsWith(to) ? [this.#handle(link)] : []));
  }

  /** Ends all of them. Idempotent. */
  async close(): Promise<void> {
    if (this.#thread.threadId === -1) return;
    const ended = once(this.#thread, 'exit');
    this.#order({ kind: 'close' });
    await ended;
  }

  #handle(link: number): LinkHandle {
    const connections = this.#connections;
    return {
      get connections() { return Atomics.load(connections, link); },
      cut: (side, only) => this.#order({ kind: 'cut', link, side: side ?? 'both', only: only ?? null }),
      mend: () => this.#order({ kind: 'mend', link }),
      expose: (weather) => this.#order({ kind: 'expose', link, weather }),
    };
  }

  #order(order: Order): void {
    this.#thread.postMessage(order, []);
  }
}

/** Setting of the local stack: the base port of the links. */
export const LINK_SETTING = 'HOLDFAST_LINK_PORT';
