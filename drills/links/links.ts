import { numbered, portsFrom } from '../../local/stack/layout.ts';
import { webToMysql } from '../../local/stack/links.ts';
import { Link } from './link.ts';

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

/**
 * Every way that a drill can cut: to each member for its replicas, for the operator and for one Koa, from that Koa to each
 * Redis and Sentinel, and from nginx to each Koa. The stack is told of them by the setting {@link LINK_SETTING} and then goes
 * over them.
 */
export class Links {
  readonly #links: readonly { readonly way: Way; readonly link: Link }[];

  private constructor(links: readonly { readonly way: Way; readonly link: Link }[]) {
    this.#links = links;
  }

  /**
   * Opens all links, to servers that need not run yet.
   * @param linkBase base port of the links
   * @param basePort base port of the stack
   */
  static async open(linkBase: number, basePort: number): Promise<Links> {
    return new Links(await Promise.all(waysOf(linkBase, basePort).map(async (way) => ({ way, link: await Link.open(way.port, way.targetPort) }))));
  }

  /**
   * The links by which somebody reaches some servers.
   * @param to what their names begin with, such as `mysql-0` or `redis`
   */
  between(from: Traveller, to: string): readonly Link[] {
    return this.#links.filter(({ way }) => way.from === from && way.to.startsWith(to)).map(({ link }) => link);
  }

  /** Ends all of them. */
  async close(): Promise<void> {
    await Promise.all(this.#links.map(({ link }) => link.close()));
  }
}

/** Setting of the local stack: the base port of the links. */
export const LINK_SETTING = 'HOLDFAST_LINK_PORT';
