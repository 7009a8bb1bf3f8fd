import { hello } from '../bed/hello.ts';
import { PAGE, stack } from '../bed/stack.ts';
import { http, type Case } from '../case.ts';
import { get } from '../load/traffic.ts';
import { alternate, rowOf } from '../measure/alternate.ts';

/** The page that most clients get. */
export const pageCached: Case = {
  name: 'page-cached',
  says: 'a page out of nginx\'s cache of one second, beside nginx with a cached "hello" of the same size, and the load generator\'s own ceiling',
  run: async (context) => {
    const { url, pageBytes } = await stack(context.bed);
    const { nginx } = await hello(context.bed, pageBytes);
    const [page, cached, fixed] = await alternate([
      http(context, 'page', { url, traffic: [get(PAGE)] }),
      http(context, 'cached "hello"', { url: nginx.cached, traffic: [get('/')] }),
      http(context, 'fixed answer', { url: nginx.fixed, traffic: [get('/')] }),
    ], context);
    return [
      rowOf('page, edge cache on', page, { what: 'nginx, cached "hello"', results: cached, target: { kind: 'at least', ratio: 0.9 } }),
      rowOf('the load generator\'s ceiling: nginx with a fixed answer', fixed),
    ];
  },
};
