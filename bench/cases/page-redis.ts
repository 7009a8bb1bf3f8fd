import { hello } from '../bed/hello.ts';
import { PAGE, stack } from '../bed/stack.ts';
import { http, type Case } from '../case.ts';
import { get } from '../load/traffic.ts';
import { alternate, rowOf } from '../measure/alternate.ts';

/** The page that nginx does not have. */
export const pageRedis: Case = {
  name: 'page-redis',
  says: 'a page out of Redis through nginx without a cache of its own, beside nginx and Koa with "hello" of the same size, two processes each',
  run: async (context) => {
    const { uncachedUrl, pageBytes } = await stack(context.bed);
    const { nginx } = await hello(context.bed, pageBytes);
    const [page, plain] = await alternate([
      http(context, 'page', { url: uncachedUrl, traffic: [get(PAGE)] }),
      http(context, 'nginx → Koa "hello"', { url: nginx.proxied, traffic: [get('/')] }),
    ], context);
    return [rowOf('page, edge cache off', page, { what: 'nginx → Koa "hello"', results: plain, target: { kind: 'at least', ratio: 0.75 } })];
  },
};
