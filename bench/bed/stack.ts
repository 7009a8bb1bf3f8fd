import { join } from 'node:path';
import { API_PATH } from '../../common/names.ts';
import { OwnStack } from '../../drills/stack/own.ts';
import type { Stack } from '../../drills/stack/stack.ts';
import { portsFrom } from '../../local/stack/layout.ts';
import { ROOT } from '../../local/stack/environment.ts';
import type { Bed } from './bed.ts';
import { startEdges } from './nginx.ts';

/** Rows that every stack gets: pages enough for all cases but the deep ones. */
const ROWS = 20_000;

/** The first page of the list. */
export const PAGE = `${API_PATH}?start=0&limit=10`;

/** A stack as `npm start` makes it, with rows in it. */
export interface BenchStack {
  readonly own: OwnStack;
  readonly stack: Stack;
  /** Its edges, with the one-second cache. */
  readonly url: string;
  /** Edges in front of the same Koa processes, without a cache of their own. */
  readonly uncachedUrl: string;
  /** Each Koa process. */
  readonly webUrls: readonly string[];
  /** Size of {@link PAGE}'s body. */
  readonly pageBytes: number;
}

/** The stack that most cases share. */
export const stack = (bed: Bed): Promise<BenchStack> => bed.part('stack', async () => {
  bed.say('starting a stack');
  const own = await OwnStack.create({ links: 'without links', disks: 'without disks' }, () => undefined);
  bed.atEnd(async () => {
    await own.end();
    own.remove();
  });
  const started = await own.start(bed.signal);
  await seed(bed, { dataDir: own.dataDir, rows: ROWS });
  const webPorts = [0, 1].map((index) => portsFrom(started.basePort).web(index));
  const uncachedUrl = await startEdges(bed, 'uncached', { webPorts, cacheSeconds: 0 });
  const [url = ''] = started.urls;
  const page = await fetch(`${uncachedUrl}${PAGE}`, { signal: bed.signal });
  const pageBytes = (await page.arrayBuffer()).byteLength;
  return { own, stack: started, url, uncachedUrl, webUrls: webPorts.map((port) => `http://127.0.0.1:${port}`), pageBytes };
});

/** Which rows are added where. */
export interface Seeding {
  /** The stack's; not used where `env` names the members. */
  readonly dataDir: string;
  readonly rows: number;
  /** Which rows: the same gives the same. */
  readonly seed?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** Adds rows, as `npm run seed` does. */
export async function seed(bed: Bed, { dataDir, rows, seed: which = 1, env = {} }: Seeding): Promise<void> {
  bed.say(`adding ${rows} rows`);
  const server = bed.spawn('seed', [process.execPath, join(ROOT, 'service/seed.ts'), '--rows', String(rows), '--seed', String(which), '--data', dataDir], env);
  const stop = (): void => void server.kill('SIGKILL');
  bed.signal.addEventListener('abort', stop, { once: true });
  const [code] = (await server.ended) as readonly [number | null];
  bed.signal.removeEventListener('abort', stop);
  bed.signal.throwIfAborted();
  if (code !== 0) throw new Error(`Adding ${rows} rows ended with ${code}: does the stack run on ${dataDir}?`);
}
