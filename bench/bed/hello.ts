import { join } from 'node:path';
import type { Bed } from './bed.ts';
import { startPlainNginx, type PlainUrls } from './nginx.ts';
import { serves } from './serves.ts';

/** As many as the stack has Koa processes. */
const PROCESSES = 2;

/** The least that can answer: what everything of the stack is measured beside. */
export interface Hello {
  /** A Koa process that answers everything with the same body. */
  readonly koaUrl: string;
  readonly koaPorts: readonly number[];
  readonly nginx: PlainUrls;
}

/**
 * Starts Koa processes that answer with a body of a size, and a plain nginx before them.
 * @param bytes of the body
 */
export const hello = (bed: Bed, bytes: number): Promise<Hello> => bed.part(`hello of ${bytes} bytes`, async () => {
  const ports = await bed.ports(PROCESSES);
  for (const port of ports) {
    const server = bed.spawn(`hello-${port}`, [process.execPath, join(import.meta.dirname, 'hello-koa.ts'), String(port), String(bytes)], { NODE_ENV: 'production' });
    await serves({ what: 'The Koa "hello"', url: `http://127.0.0.1:${port}`, server, signal: bed.signal });
  }
  const nginx = await startPlainNginx(bed, { helloPorts: ports, body: 'x'.repeat(bytes) });
  return { koaUrl: `http://127.0.0.1:${ports[0]}`, koaPorts: ports, nginx };
});
