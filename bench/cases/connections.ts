import { PAGE, stack } from '../bed/stack.ts';
import { http, type Case } from '../case.ts';
import { get, trafficOf } from '../load/traffic.ts';
import { alternate, rowOf } from '../measure/alternate.ts';

const COUNTS = [10, 100, 1000, 5000];

/** Many open connections. */
export const connections = (edge: 'on' | 'off'): Case => ({
  name: `connections-edge-${edge}`,
  says: `a page over ${COUNTS.join(', ')} open connections, edge cache ${edge}, beside the best of them`,
  run: async (context) => {
    const { url, uncachedUrl } = await stack(context.bed);
    const results = await alternate(COUNTS.map((clients) => http(context, `${clients} connections`, { url: edge === 'on' ? url : uncachedUrl, traffic: trafficOf([get(PAGE)]), clients })), context);
    const rows = results.map((all, index) => ({ all, clients: COUNTS[index] ?? 0, row: rowOf(`${COUNTS[index]} connections`, all) }));
    const best = rows.toSorted((a, b) => b.row.value - a.row.value)[0];
    if (best === undefined) throw new Error('Nothing was loaded.');
    const target = { kind: 'at least', ratio: 0.8 } as const;
    return rows.map(({ all, clients, row }) => rowOf(row.what, all, { what: `${best.clients} connections, the best`, results: best.all, ...(clients === 5000 ? { target } : {}) }));
  },
});
