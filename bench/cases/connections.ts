import { hello } from '../bed/hello.ts';
import { PAGE, stack } from '../bed/stack.ts';
import { http, type Case } from '../case.ts';
import { get, trafficOf } from '../load/traffic.ts';
import { alternate, rowOf } from '../measure/alternate.ts';

const COUNTS = [10, 100, 1000, 5000];
/** Of which the machine's own limit is measured beside: what so many connections cost where nearly nothing else is done. */
const PLAIN_COUNTS = [100, 5000];

/** Many open connections. */
export const connections = (edge: 'on' | 'off'): Case => ({
  name: `connections-edge-${edge}`,
  says: `a page over ${COUNTS.join(', ')} open connections, edge cache ${edge}, beside the best of them`,
  run: async (context) => {
    const { url, uncachedUrl, pageBytes } = await stack(context.bed);
    const { nginx } = await hello(context.bed, pageBytes);
    const plain = edge === 'on' ? { what: 'nginx, a fixed answer', url: nginx.fixed } : { what: 'nginx → Koa "hello"', url: nginx.proxied };
    const results = await alternate([
      ...COUNTS.map((clients) => http(context, `${clients} connections`, { url: edge === 'on' ? url : uncachedUrl, traffic: trafficOf([get(PAGE)]), clients })),
      ...PLAIN_COUNTS.map((clients) => http(context, `${plain.what}, ${clients} connections`, { url: plain.url, traffic: trafficOf([get('/')]), clients })),
    ], context);
    const [few = [], many = []] = results.slice(COUNTS.length);
    const limit = rowOf(`${plain.what}, ${PLAIN_COUNTS[1]} connections`, many, { what: `${PLAIN_COUNTS[0]} connections`, results: few });
    const rows = results.slice(0, COUNTS.length).map((all, index) => ({ all, clients: COUNTS[index] ?? 0, row: rowOf(`${COUNTS[index]} connections`, all) }));
    const best = rows.toSorted((a, b) => b.row.value - a.row.value)[0];
    if (best === undefined) throw new Error('Nothing was loaded.');
    const target = { kind: 'at least', ratio: 0.8 } as const;
    return [...rows.map(({ all, clients, row }) => rowOf(row.what, all, { what: `${best.clients} connections, the best`, results: best.all, ...(clients === 5000 ? { target } : {}) })), limit];
  },
});
