import { Router } from '@koa/router';
import type { Middleware } from 'koa';
import { API_PATH } from '../../common/names.ts';
import { jsonBody } from './body.ts';
import { openApiDocument } from './openapi.ts';
import { Problem } from './problem.ts';
import { noParameters } from './query.ts';
import { type ReadingParts, getList, getProperty } from './reading.ts';
import { type WritingParts, post, put, remove } from './writing.ts';

/** What the routes need. */
export interface ApiParts {
  readonly reading: ReadingParts;
  readonly writing: WritingParts;
  /** False while the process stops. */
  readonly isReady: () => boolean;
}

const ONE = `${API_PATH}/:id`;

/** All routes. Paths are taken as they are: no other case, no slash at the end. */
export function createRouter({ reading, writing, isReady }: ApiParts): Router {
  const router = new Router({ strict: true, sensitive: true });
  const document = JSON.stringify(openApiDocument());
  router.get(API_PATH, getList(reading));
  router.post(API_PATH, noParameters, jsonBody, post(writing));
  router.get(ONE, noParameters, getProperty(reading));
  router.put(ONE, noParameters, jsonBody, put(writing));
  router.delete(ONE, noParameters, remove(writing));
  router.get('/api/openapi.json', (ctx) => {
    ctx.type = 'application/json';
    ctx.body = document;
  });
  router.get('/healthz', (ctx) => {
    ctx.body = { status: 'alive' };
  });
  router.get('/readyz', (ctx) => {
    // Without a primary it is ready all the same: reads go on, and writes are held.
    if (!isReady()) throw new Problem(503, { detail: 'This process is stopping', headers: { 'retry-after': '1' } });
    ctx.body = { status: 'ready' };
  });
  return router;
}

/** What no route answers: 404, or 405 with what is allowed; OPTIONS is always allowed. */
export const noRoute: Middleware = (ctx) => {
  const layers = (ctx as { matched?: readonly { readonly methods: readonly string[] }[] }).matched ?? [];
  const methods = [...new Set(layers.flatMap((layer) => layer.methods))];
  if (methods.length === 0) throw new Problem(404, { detail: 'There is nothing at this path; /api/openapi.json says what there is' });
  const allow = [...methods, 'OPTIONS'].sort().join(', ');
  if (ctx.method !== 'OPTIONS') throw new Problem(405, { detail: `${ctx.method} is not allowed here; ${allow} are`, headers: { allow } });
  ctx.set('allow', allow);
  ctx.status = 204;
};
