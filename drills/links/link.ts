import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { FAIR, Pipe, type Weather } from './pipe.ts';

/** Which way is cut, seen from the server that a link leads to: what it sends, what it is sent, or both. */
export type Side = 'both' | 'from' | 'to';

/** A server that is gone is looked for so often, in milliseconds. */
const LOOK_MS = 20;

/** One connection through a link. */
interface Pair {
  readonly sockets: readonly [Socket, Socket];
  readonly from: Pipe;
  readonly to: Pipe;
}

/**
 * A TCP connection's way through the drill, which can be cut as a network is: nothing gets through, in neither
 * direction, and nobody is told. What was sent meanwhile arrives when it is mended, as after retransmission. While nothing
 * listens where it leads to, it refuses connections itself.
 *
 * One thing differs from a real cut: the kernel still completes the handshake of new connections, and they stay silent.
 */
export class Link {
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  readonly #port: number;
  readonly #targetPort: number;
  #isFollowing = false;
  #isClosed = false;
  #cut: ReadonlySet<'from' | 'to'> = new Set();
  /** Ports of the clients that it is cut for; null: all. */
  #only: ReadonlySet<number> | null = null;
  #weather: Weather = FAIR;

  private constructor(port: number, targetPort: number) {
    this.#port = port;
    this.#targetPort = targetPort;
    this.#server = createServer({ pauseOnConnect: true, noDelay: true }, (near) => this.#join(near));
  }

  /** Forwards from one port of the loopback to another. */
  static async open(port: number, targetPort: number): Promise<Link> {
    const link = new Link(port, targetPort);
    await link.#listen();
    return link;
  }

  /** Connections that go through it now. */
  get connections(): number {
    return this.#pairs.size;
  }

  /**
   * Lets nothing through from now on. Idempotent.
   * @param only the clients' own ports, where others go on
   */
  cut(way: Side = 'both', only: readonly number[] | null = null): void {
    this.#cut = new Set(way === 'both' ? ['from', 'to'] : [way]);
    this.#only = only === null ? null : new Set(only);
    for (const pair of this.#pairs) this.#apply(pair);
  }

  /** Lets everything through again, at once. Idempotent. */
  mend(): void {
    this.#cut = new Set();
    this.#only = null;
    this.#weather = FAIR;
    for (const pair of this.#pairs) this.#apply(pair);
    void this.#follow();
  }

  /** Everything that is sent from now on has this weather. */
  expose(weather: Weather): void {
    this.#weather = weather;
  }

  /** Ends all connections, and listens no more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const closed = this.#server.listening ? once(this.#server, 'close') : Promise.resolve();
    this.#server.close();
    for (const { sockets } of this.#pairs) for (const socket of sockets) socket.destroy();
    await closed;
  }

  async #listen(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  /** Listens only while the server does. A cut network tells nobody whether it does. */
  async #follow(): Promise<void> {
    if (this.#isFollowing) return;
    this.#isFollowing = true;
    while (!this.#isClosed && (this.#cut.size === 0 || this.#only !== null) && (await refuses(this.#targetPort))) {
      if (this.#server.listening) this.#server.close();
      await sleep(LOOK_MS);
    }
    this.#isFollowing = false;
    if (!this.#isClosed && !this.#server.listening) await this.#listen();
  }

  #join(near: Socket): void {
    const far = connect({ port: this.#targetPort, host: '127.0.0.1', noDelay: true });
    far.pause();
    const weather = (): Weather => this.#weather;
    const pair = { sockets: [near, far], from: new Pipe(far, near, weather), to: new Pipe(near, far, weather) } as const;
    this.#pairs.add(pair);
    this.#endTogether(near, far, pair);
    this.#endTogether(far, near, pair);
    this.#apply(pair);
  }

  #apply(pair: Pair): void {
    const isMeant = this.#only?.has(pair.sockets[0].remotePort ?? 0) ?? true;
    for (const way of ['from', 'to'] as const) {
      if (isMeant && this.#cut.has(way)) pair[way].hold();
      else pair[way].release();
    }
  }

  #endTogether(from: Socket, to: Socket, pair: Pair): void {
    from.on('error', () => from.destroy());
    from.on('close', () => {
      if (from === pair.sockets[1]) void this.#follow();
      this.#pairs.delete(pair);
      to.destroySoon();
    });
  }
}

/** Whether nothing listens on a port. */
async function refuses(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ port, host: '127.0.0.1' }, () => resolve(false));
  socket.once('error', () => resolve(true));
  return await promise.finally(() => socket.destroy());
}
