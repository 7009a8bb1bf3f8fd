import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';

/** A TCP way to a port of the loopback that can become silent or slow, for connections that are open and for new ones. */
export class Wire {
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private target: number;
  private held: (() => void)[] | undefined;
  private delayMs = 0;

  private constructor(target: number) {
    this.target = target;
    this.server = createServer({ noDelay: true }, (near) => {
      const far = connect({ port: this.target, host: '127.0.0.1', noDelay: true });
      this.forward(near, far);
      this.forward(far, near);
    });
  }

  /** Forwards from one port to another. */
  static async open(port: number, target: number): Promise<Wire> {
    const wire = new Wire(target);
    wire.server.listen(port, '127.0.0.1');
    await once(wire.server, 'listening');
    return wire;
  }

  /** Nothing gets through until it is mended; then what was sent meanwhile arrives. */
  cut(): void {
    this.held ??= [];
  }

  mend(): void {
    const due = this.held ?? [];
    this.held = undefined;
    for (const act of due) act();
  }

  /** Everything that is said from now on takes so many milliseconds longer, each way. */
  delay(ms: number): void {
    this.delayMs = ms;
  }

  /** Ends all connections; new ones go to another port. */
  lead(target: number): void {
    this.target = target;
    for (const socket of this.sockets) socket.destroy();
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  private forward(from: Socket, to: Socket): void {
    this.sockets.add(from);
    from.on('data', (chunk) => this.pass(() => to.write(chunk)));
    from.on('error', () => from.destroy());
    from.on('close', () => {
      this.sockets.delete(from);
      this.pass(() => to.destroy());
    });
  }

  private pass(act: () => void): void {
    if (this.held !== undefined) this.held.push(act);
    else if (this.delayMs > 0) setTimeout(act, this.delayMs);
    else act();
  }
}
