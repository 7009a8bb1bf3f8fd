import { createServer } from 'node:net';

/**
 * A port from which a whole block is free on the loopback; searched from a random one on, since nginx shares its port: two
 * drills that begin in the same moment and choose alike would write into each other's stacks.
 * @throws Error when there is none from one port to another
 */
export async function firstFree(from: number, to: number, block: number): Promise<number> {
  const blocks = Math.floor((to - from) / block) + 1;
  const start = Math.floor(Math.random() * blocks);
  for (let tried = 0; tried < blocks; tried += 1) {
    const port = from + ((start + tried) % blocks) * block;
    if (await allFree(port, block)) return port;
  }
  throw new Error(`No ${block} free ports together were found from ${from} to ${to}: end what listens there.`);
}

async function allFree(port: number, block: number): Promise<boolean> {
  for (let offset = 0; offset < block; offset += 1) {
    if (!(await isFree(port + offset))) return false;
  }
  return true;
}

function isFree(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const server = createServer();
  server.once('error', () => resolve(false));
  server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  return promise;
}
