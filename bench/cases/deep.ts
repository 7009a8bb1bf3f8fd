import { API_PATH } from '../../common/names.ts';
import { http, type Case } from '../case.ts';
import { get, trafficOf } from '../load/traffic.ts';
import { alternate, rowOf } from '../measure/alternate.ts';
import { LIMIT, uncached, walk } from './reading.ts';

const ROWS = 1_000_000;
const DEPTHS = [10_000, 100_000];
/** Pages from each depth on: hardly two clients ask for the same one at once. */
const PAGES = 200;

/** Pages far down the list. */
export const deep: Case = {
  name: 'deep',
  says: `pages at offset ${DEPTHS.join(' and ')} of ${ROWS} rows by cursor, out of MySQL, beside the first ones; and the page at offset ${DEPTHS.at(-1)} by its offset`,
  run: async (context) => {
    const members = await uncached(context.bed);
    await members.grow(ROWS);
    const from = async (start: number) => trafficOf((await walk(members.url, { start, count: PAGES, signal: context.signal })).map(get));
    const offsets = trafficOf(Array.from({ length: PAGES }, (_, index) => get(`${API_PATH}?start=${(DEPTHS.at(-1) ?? 0) + index * LIMIT}&limit=${LIMIT}`)));
    const [first, middle, far, byOffset] = await alternate([
      http(context, 'the first', { url: members.url, traffic: await from(0) }),
      http(context, `from ${DEPTHS[0]}`, { url: members.url, traffic: await from(DEPTHS[0] ?? 0) }),
      http(context, `from ${DEPTHS[1]}`, { url: members.url, traffic: await from(DEPTHS[1] ?? 0) }),
      http(context, 'by offset', { url: members.url, traffic: offsets }),
    ], context);
    // A page may cost 1.2 times what the first costs.
    const target = { kind: 'at least', ratio: 0.83 } as const;
    return [
      rowOf(`pages by cursor from ${DEPTHS[0]} on`, middle, { what: 'the first pages', results: first, target }),
      rowOf(`pages by cursor from ${DEPTHS[1]} on`, far, { what: 'the first pages', results: first, target }),
      rowOf(`pages by offset from ${DEPTHS[1]} on`, byOffset, { what: 'the first pages', results: first }),
    ];
  },
};
