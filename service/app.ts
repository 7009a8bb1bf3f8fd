import { randomUUID } from 'node:crypto';
import Koa, { type Context, type Middleware } from 'koa';
import type { Logger } from 'pino';
import { HTTP } from '../common/names.ts';
import { readEdge } from './api/edge.ts';
import { inLine, Line, READS_AT_ONCE } from './api/line.ts';
import { PROBLEM_TYPE, Problem } from './api/problem.ts';
import { type ApiParts, createRouter, noRoute } from './api/router.ts';
import type { ServiceMetrics } from './metrics.ts';
import { isUnavailable } from './ports.ts';

/** What the application needs. */
export interface AppOptions extends ApiParts {
  readonly log: Logger;
  readonly metrics: ServiceMetrics;
  /** Milliseconds after which a request's end is worth a line at level info. */
  readonly slowMs: number;
}

/** The application, apart from listening. */
export function createApp(options: AppOptions): Koa {
  const app = new Koa();
  // Errors are answered and logged below; the framework's own way prints them.
  app.silent = true;
  app.use(witness(options));
  app.use(problems(options));
  app.use(inLine(new Line(READS_AT_ONCE)));
  app.use(createRouter(options).routes());
  app.use(noRoute);
  return app;
}

/** Gives each request its id, and says how it went: a line at debug, at info when it took long, and the metrics. */
const witness = ({ log, metrics, slowMs, isReady }: AppOptions): Middleware => async (ctx, next) => {
  const startedAt = performance.now();
  const requestId = readEdge(ctx)?.id ?? randomUUID();
  ctx.state['requestId'] = requestId;
  ctx.set(HTTP.requestId, requestId);
  await next();
  // A process that stops ends each connection with its answer, so that none is cut.
  if (!isReady()) ctx.set('connection', 'close');
  const ms = performance.now() - startedAt;
  const { _matchedRoute: route = 'none' } = ctx as { _matchedRoute?: string };
  metrics.answered(ms / 1000, { method: ctx.method, route, status: ctx.status });
  const line = { requestId, method: ctx.method, path: ctx.path, status: ctx.status, ms: Math.round(ms * 10) / 10 };
  if (ms >= slowMs) log.info(line, 'A slow request');
  else log.debug(line, 'A request');
};

const problems = ({ log }: AppOptions): Middleware => async (ctx, next) => {
  try {
    await next();
  } catch (error) {
    answerProblem(ctx, toProblem(error));
    if (ctx.status === 500) log.error({ requestId: String(ctx.state['requestId']), err: error }, 'A request met a defect of the service');
  }
};

function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (isUnavailable(error)) return new Problem(503, { detail: 'Nothing could be read in time; ask again', headers: { 'retry-after': '1' } }, { cause: error });
  return new Problem(500, { detail: 'The service has a defect; the log has this request by its id' }, { cause: error });
}

/** The body last: setting it sets a type and a status, setting a type afterwards keeps it. */
function answerProblem(ctx: Context, problem: Problem): void {
  ctx.set({ ...problem.details.headers });
  ctx.status = problem.status;
  ctx.body = JSON.stringify(problem);
  ctx.set('content-type', PROBLEM_TYPE);
}
