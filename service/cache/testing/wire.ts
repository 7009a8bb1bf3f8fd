import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';

/** A TCP way to a port of the loopback that can become silent or slow, for connections that are open and for new ones. */
export interface Wire {
  /** Nothing gets through until it is mended; then what was sent meanwhile arrives. */
  cut(): void;
  mend(): void;
  /** Everything that is said from now on takes so many milliseconds longer, each way. */
  delay(ms: number): void;
  close(): Promise<void>;
}

/** Forwards from one port to another. */
export async function openWire(port: number, target: number): Promise<Wire> {
  const sockets = new Set<Socket>();
  let held: (() => void)[] | undefined;
  let delayMs = 0;
  const pass = (act: () => void): void => {
    if (held !== undefined) held.push(act);
    else if (delayMs > 0) setTimeout(act, delayMs);
    else act();
  };
  const forward = (from: Socket, to: Socket): void => {
    sockets.add(from);
    from.on('data', (chunk) => pass(() => to.write(chunk)));
    from.on('error', () => from.destroy());
    from.on('close', () => {
      sockets.delete(from);
      pass(() => to.destroy());
    });
  };
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ port: target, host: '127.0.0.1', noDelay: true });
    forward(near, far);
    forward(far, near);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    cut: () => (held ??= []),
    mend: () => {
      const due = held ?? [];
      held = undefined;
      for (const act of due) act();
    },
    delay: (ms) => (delayMs = ms),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
