import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/**
 * A TCP connection's way through the drill, which can be cut as a network is: nothing gets through, in neither
 * direction, and nobody is told. What was sent meanwhile arrives when it is mended, as after retransmission.
 *
 * One thing differs from a real cut: the kernel still completes the handshake of new connections, and they stay silent.
 */
export class Link {
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #isCut = false;

  private constructor(targetPort: number) {
    this.#server = createServer({ pauseOnConnect: true, noDelay: true }, (near) => this.#join(near, targetPort));
  }

  /** Forwards from one port of the loopback to another. */
  static async open(port: number, targetPort: number): Promise<Link> {
    const link = new Link(targetPort);
    link.#server.listen(port, '127.0.0.1');
    await once(link.#server, 'listening');
    return link;
  }

  /** Connections that go through it now. */
  get connections(): number {
    return this.#pairs.size;
  }

  /** Lets nothing through from now on. Idempotent. */
  cut(): void {
    this.#isCut = true;
    for (const pair of this.#pairs) for (const socket of pair) socket.pause();
  }

  /** Lets everything through again. Idempotent. */
  mend(): void {
    this.#isCut = false;
    for (const pair of this.#pairs) for (const socket of pair) socket.resume();
  }

  /** Ends all connections, and listens no more. */
  async close(): Promise<void> {
    this.#server.close();
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
    await once(this.#server, 'close');
  }

  #join(near: Socket, targetPort: number): void {
    const far = connect({ port: targetPort, host: '127.0.0.1', noDelay: true });
    far.pause();
    const pair = [near, far] as const;
    this.#pairs.add(pair);
    this.#forward(near, far, pair);
    this.#forward(far, near, pair);
    if (!this.#isCut) this.mend();
  }

  /** Copies what one side says to the other, which is read from no faster than it takes. */
  #forward(from: Socket, to: Socket, pair: readonly [Socket, Socket]): void {
    from.on('data', (chunk) => {
      if (!to.write(chunk)) from.pause();
    });
    to.on('drain', () => {
      if (!this.#isCut) from.resume();
    });
    from.on('error', () => from.destroy());
    from.on('close', () => {
      this.#pairs.delete(pair);
      to.destroySoon();
    });
  }
}
