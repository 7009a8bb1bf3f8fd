import { createServer } from 'node:net';

/** Below the range that systems take outgoing connections from, so that none of those is in the way. */
const [FIRST, COUNT] = [20_000, 12_000];

/** Given before in this process: who got one may be down for a moment, and start again. */
const given = new Set<number>();

const free = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });

/**
 * Finds free ports on loopback. They begin at a random place, so that tests that run side by side do not meet.
 * @param count how many
 */
export async function freePorts(count: number): Promise<readonly number[]> {
  const found: number[] = [];
  const start = Math.floor(Math.random() * COUNT);
  for (let step = 0; found.length < count && step < COUNT; step += 1) {
    const port = FIRST + ((start + step) % COUNT);
    if (given.has(port)) continue;
    given.add(port);
    if (await free(port)) found.push(port);
  }
  if (found.length < count) throw new Error(`Finding ${count} free ports on 127.0.0.1 failed: only ${found.length} of ${FIRST} to ${FIRST + COUNT} are free`);
  return found;
}
