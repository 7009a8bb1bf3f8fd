import { availableParallelism } from 'node:os';
import { hello } from '../bed/hello.ts';
import { startEdges } from '../bed/nginx.ts';
import { PAGE, stack } from '../bed/stack.ts';
import { http, type Case } from '../case.ts';
import { get, trafficOf } from '../load/traffic.ts';
import { alternate, rowOf, type Results } from '../measure/alternate.ts';

/** A result as it would be if so many processes did so many times as much. */
const times = (results: Results, factor: number): Results => results.map((one) => ({ ...one, perSecond: one.perSecond * factor }));

/** What a second Koa process brings. */
export const processes: Case = {
  name: 'processes',
  says: `a page out of Redis through nginx by one and by two Koa processes, beside twice what one does; and the same with Koa "hello" (${availableParallelism()} cores for all of it)`,
  run: async (context) => {
    const { bed } = context;
    const { webUrls, uncachedUrl, pageBytes } = await stack(bed);
    const one = await bed.part('edge-of-one', () => startEdges(bed, 'edge-of-one', { webPorts: webUrls.slice(0, 1).map((url) => Number(new URL(url).port)), cacheSeconds: 0 }));
    const { nginx, koaPorts } = await hello(bed, pageBytes);
    const helloOfOne = await bed.part('hello-of-one', () => startEdges(bed, 'hello-of-one', { webPorts: koaPorts.slice(0, 1), cacheSeconds: 0 }));
    const [single, both, plainSingle, plainBoth] = await alternate([
      http(context, 'one process', { url: one, traffic: trafficOf([get(PAGE)]) }),
      http(context, 'two processes', { url: uncachedUrl, traffic: trafficOf([get(PAGE)]) }),
      http(context, 'one "hello"', { url: helloOfOne, traffic: trafficOf([get('/api/property')]) }),
      http(context, 'two "hello"', { url: nginx.proxied, traffic: trafficOf([get('/')]) }),
    ], context);
    return [
      rowOf('two processes of the service', both, { what: 'twice one process', results: times(single, 2) }),
      rowOf('two processes of Koa "hello"', plainBoth, { what: 'twice one process', results: times(plainSingle, 2) }),
    ];
  },
};
