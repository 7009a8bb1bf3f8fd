import type { Context, Middleware } from 'koa';
import bodyParser from 'koa-bodyparser';
import { Problem } from './problem.ts';

/** 100 kB, as nginx counts. */
const MOST_BYTES = 102_400;

/** A field called __proto__ is an unknown field like any other, which the validator names; the typings lack the option. */
const OPTIONS: NonNullable<Parameters<typeof bodyParser>[0]> & { onProtoPoisoning: 'ignore' } = {
  enableTypes: ['json'],
  jsonLimit: `${MOST_BYTES}b`,
  // `[]` and `7` are JSON: answered with 422, not 400.
  strict: false,
  onProtoPoisoning: 'ignore',
  onerror: (error) => { throw toProblem(error); },
};
const parse = bodyParser(OPTIONS);

/**
 * Reads a JSON body into `ctx.request.body`.
 * @throws Problem 400 no JSON, 413 over 100 kB, 415 another type, charset or encoding
 */
export const jsonBody: Middleware = async (ctx, next) => {
  refuseOtherTypes(ctx);
  if (Number(ctx.get('content-length')) > MOST_BYTES) throw tooLarge();
  await parse(ctx, async () => {
    const raw = ctx.request.rawBody;
    if (typeof raw !== 'string' || raw.trim() === '') throw new Problem(400, { detail: 'The body is empty; a JSON object is expected' });
    // The decoder puts U+FFFD for bytes that are no UTF-8. Who sends it himself sends text that was damaged before.
    if (raw.includes('\uFFFD')) throw new Problem(400, { detail: 'The body is not valid UTF-8, or contains U+FFFD, which stands for text damaged earlier' });
    await next();
  });
};

function refuseOtherTypes(ctx: Context): void {
  const type = ctx.get('content-type');
  const charset = /;\s*charset\s*=\s*"?([^\s;"]*)/i.exec(type)?.[1];
  const encoding = ctx.get('content-encoding');
  if (!/^\s*application\/json\s*(?:;|$)/i.test(type)) throw unsupported('Content-Type must be application/json');
  if (charset !== undefined && charset.toLowerCase() !== 'utf-8') throw unsupported('charset must be utf-8, the only one that JSON has');
  if (encoding !== '' && encoding.toLowerCase() !== 'identity') throw new Problem(415, { detail: 'Content-Encoding must be left out', headers: { 'accept-encoding': 'identity' } });
}

const unsupported = (detail: string): Problem => new Problem(415, { detail, headers: { accept: 'application/json' } });
/** What follows of the body is not read: the connection ends with the answer. */
const tooLarge = (): Problem => new Problem(413, { detail: 'The body is over 100 kB', headers: { connection: 'close' } });

function toProblem(error: Error & { status?: number }): Error {
  if (error instanceof Problem) return error;
  if (error.status === 413) return tooLarge();
  if (error instanceof SyntaxError) return new Problem(400, { detail: 'The body is not JSON' }, { cause: error });
  if (error.status !== undefined && error.status < 500) return new Problem(400, { detail: 'The body could not be read as it was announced', headers: { connection: 'close' } }, { cause: error });
  return error;
}
