import { numbered, portsFrom } from '../../local/stack/layout.ts';
import { Link } from './link.ts';

/**
 * Every way that a drill can cut: to each member for its replicas, and from one Koa to each Redis and Sentinel. The stack
 * is told of them by the setting {@link LINK_SETTING} and then goes over them.
 */
export class Links {
  readonly #links: ReadonlyMap<string, Link>;

  private constructor(links: ReadonlyMap<string, Link>) {
    this.#links = links;
  }

  /**
   * Opens all links, to servers that need not run yet.
   * @param linkBase base port of the links: each has its server's distance from it
   * @param basePort base port of the stack
   */
  static async open(linkBase: number, basePort: number): Promise<Links> {
    const [here, there] = [portsFrom(linkBase), portsFrom(basePort)];
    const kinds = ['mysql', 'redis', 'sentinel'] as const;
    const opened = kinds.flatMap((kind) => numbered(kind).map(async ({ name, index }) => [name, await Link.open(here[kind](index), there[kind](index))] as const));
    return new Links(new Map(await Promise.all(opened)));
  }

  /**
   * The links of some servers.
   * @param kind what their names begin with, such as `mysql-0` or `redis`
   */
  to(kind: string): readonly Link[] {
    return [...this.#links].filter(([name]) => name.startsWith(kind)).map(([, link]) => link);
  }

  /** Ends all of them. */
  async close(): Promise<void> {
    await Promise.all([...this.#links.values()].map((link) => link.close()));
  }
}

/** Setting of the local stack: the base port of the links. */
export const LINK_SETTING = 'HOLDFAST_LINK_PORT';
