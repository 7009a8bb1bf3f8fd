import { hello } from '../bed/hello.ts';
import { PAGE, stack } from '../bed/stack.ts';
import { http, type Case } from '../case.ts';
import { get } from '../load/traffic.ts';
import { alternate, rowOf } from '../measure/alternate.ts';

/** What one process of the service can do. */
export const pageKoa: Case = {
  name: 'page-koa',
  says: 'a page out of Redis from one Koa process without nginx, beside one Koa process with "hello" of the same size',
  run: async (context) => {
    const { webUrls: [url = ''], pageBytes } = await stack(context.bed);
    const { koaUrl } = await hello(context.bed, pageBytes);
    const [page, plain] = await alternate([
      http(context, 'page', { url, traffic: [get(PAGE)] }),
      http(context, 'Koa "hello"', { url: koaUrl, traffic: [get('/')] }),
    ], context);
    return [rowOf('page from one Koa process', page, { what: 'Koa "hello"', results: plain })];
  },
};
