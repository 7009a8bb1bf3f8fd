import { API_PATH } from '../../common/names.ts';
import { stack } from '../bed/stack.ts';
import { http, type BenchContext, type Case } from '../case.ts';
import { type Asked, mixed as mix } from '../load/traffic.ts';
import { alternate, type Contestant, rowOf } from '../measure/alternate.ts';
import { walk } from './reading.ts';
import { POST, SCATTERED } from './writing.ts';

const PAGES = 1000;
const BY_OFFSET = Array.from({ length: PAGES }, (_, index) => `${API_PATH}?start=${index * 10}&limit=10`);
/** Requests until the same come again. */
const REQUESTS = 50_000;
/** Of each load with writes in all, whatever the number of its turns. */
const LEAST_SECONDS = 60;
const WRITE_SHARE = 0.05;

const TARGETS = { on: 0.6, off: 0.3 } as const;

/** Readers and writers at once. What a write makes of the pages depends on where it is in the list: behind them, or anywhere. */
export const mixed = (edge: 'on' | 'off'): Case => ({
  name: `mixed-edge-${edge}`,
  says: `95 % reads over ${PAGES} pages (zipf) and 5 % writes, edge cache ${edge}, beside the same without the writes`,
  run: async (context) => {
    const { url, uncachedUrl } = await stack(context.bed);
    const at = edge === 'on' ? url : uncachedUrl;
    const byCursor = await walk(uncachedUrl, { start: 0, count: PAGES, signal: context.signal });
    const load = loads(context, at);
    const pace = { ...context, seconds: Math.max(context.seconds, Math.ceil(LEAST_SECONDS / context.pairs)) };
    // Readers never come right after writes all over the list: they would have to wait until all pages are made anew.
    const [behind, reads] = await alternate([load('with writes', BY_OFFSET, [POST]), load('reads only', BY_OFFSET)], pace);
    const [scattered, cursors, readsByCursor] = await alternate([
      load('with writes all over the list', BY_OFFSET, SCATTERED),
      load('by cursor, with writes all over the list', byCursor, SCATTERED),
      load('reads by cursor only', byCursor),
    ], pace);
    return [
      rowOf(`reads and writes, edge cache ${edge}`, behind, { what: 'reads only', results: reads, target: { kind: 'at least', ratio: TARGETS[edge] } }),
      rowOf('the same, written all over the list: moves the pages behind', scattered, { what: 'reads only', results: reads }),
      rowOf('the same by cursor', cursors, { what: 'reads by cursor only', results: readsByCursor }),
    ];
  },
});

/** Makes loads of pages, with writes where some are named. */
const loads = (context: BenchContext, url: string) => (what: string, pages: readonly string[], writes?: readonly Asked[]): Contestant => {
  const traffic = mix({ pages, ...(writes && { writes }), writeShare: WRITE_SHARE, count: REQUESTS, seed: 1 });
  const contestant = http(context, what, { url, traffic });
  // Without writes nothing builds up: the usual time is enough.
  return writes === undefined ? { ...contestant, run: (asked, signal) => contestant.run(Math.min(asked, context.seconds), signal) } : contestant;
};
