import { createServer } from 'node:net';
import { Problem } from '../programs/problem.ts';
import { LOOPBACK } from '../supervisor/probe.ts';
import type { LocalConfig } from './config.ts';
import { allPorts } from './layout.ts';

function isTaken(port: number): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  const server = createServer();
  server.once('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EADDRINUSE') resolve(true);
    else if (error.code === 'EACCES') reject(new Problem(`Port ${port} may not be used by this user: choose one above 1023 with PORT.`, { cause: error }));
    else reject(error);
  });
  server.listen({ port, host: LOOPBACK, exclusive: true }, () => server.close(() => resolve(false)));
  return promise;
}

/** One sentence for ports that others have. */
export function takenSentence(taken: readonly { readonly port: number; readonly name: string }[], setting: string): string {
  const names = [...new Set(taken.map(({ name }) => name))].join(', ');
  const [are, them] = taken.length === 1 ? ['is', 'it'] : ['are', 'them'];
  return `Port ${taken.map(({ port }) => port).join(', ')} (for ${names}) ${are} taken by another program: end that, or move ${them} with ${setting}.`;
}

/**
 * Looks whether every port of the stack can be had.
 * @throws Problem that names the taken ones and the setting that moves them
 */
export async function checkPorts({ httpPort, basePort }: LocalConfig): Promise<void> {
  if (await isTaken(httpPort)) throw new Problem(takenSentence([{ port: httpPort, name: 'the service' }], 'PORT=NUMBER'));
  const ports = allPorts(basePort);
  const taken = await Promise.all(ports.map(({ port }) => isTaken(port)));
  const bad = ports.filter((_, index) => taken[index]);
  if (bad.length > 0) throw new Problem(takenSentence(bad, 'HOLDFAST_BASE_PORT=NUMBER'));
}

/**
 * Keeps the service's port for this stack while it gets ready: nginx shares its port with whoever asks, so that two
 * stacks which start in the same moment would answer each other's clients.
 * @returns gives it to nginx
 * @throws Problem when another has it
 */
export async function holdPort(port: number): Promise<() => Promise<void>> {
  const server = createServer((socket) => socket.destroy());
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', (cause) => reject(new Problem(takenSentence([{ port, name: 'the service' }], 'PORT=NUMBER'), { cause })));
  server.listen({ port, host: LOOPBACK, exclusive: true }, resolve);
  await promise;
  return () => new Promise((closed) => { server.close(() => closed()); });
}
