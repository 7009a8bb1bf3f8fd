import { API_PATH } from '../../common/names.ts';
import { stack } from '../bed/stack.ts';
import { http, type Case } from '../case.ts';
import { mixed as mix } from '../load/traffic.ts';
import { alternate, rowOf } from '../measure/alternate.ts';
import { POST } from './writing.ts';

const PAGES = Array.from({ length: 1000 }, (_, index) => `${API_PATH}?start=${index * 10}&limit=10`);
/** Requests until the same come again. */
const REQUESTS = 50_000;
/** Of the load with writes in all, whatever the number of its turns. */
const LEAST_SECONDS = 60;

const TARGETS = { on: 0.6, off: 0.3 } as const;

/** Readers and writers at once. */
export const mixed = (edge: 'on' | 'off'): Case => ({
  name: `mixed-edge-${edge}`,
  says: `95 % reads over ${PAGES.length} pages (zipf) and 5 % writes, edge cache ${edge}, beside the same without the writes`,
  run: async (context) => {
    const { url, uncachedUrl } = await stack(context.bed);
    const at = edge === 'on' ? url : uncachedUrl;
    const traffic = (writeShare: number) => mix({ pages: PAGES, write: POST, writeShare, count: REQUESTS, seed: 1 });
    const seconds = Math.max(context.seconds, Math.ceil(LEAST_SECONDS / context.pairs));
    const readsOnly = http(context, 'reads only', { url: at, traffic: traffic(0) });
    const [both, reads] = await alternate([
      http(context, 'with writes', { url: at, traffic: traffic(0.05) }),
      { ...readsOnly, run: (asked, signal) => readsOnly.run(Math.min(asked, context.seconds), signal) },
    ], { ...context, seconds });
    return [rowOf(`reads and writes, edge cache ${edge}`, both, { what: 'reads only', results: reads, target: { kind: 'at least', ratio: TARGETS[edge] } })];
  },
});
