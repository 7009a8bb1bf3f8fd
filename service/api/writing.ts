import type { Context, Middleware } from 'koa';
import { API_PATH, HTTP } from '../../common/names.ts';
import { type Command, toPacket } from '../write/command.ts';
import { HandBack, Overdue } from '../write/hold.ts';
import { bodyHash, keyHash } from '../write/key.ts';
import type { Written } from '../write/outcome.ts';
import type { Writer } from '../write/writer.ts';
import type { SeenCookie } from './cookie.ts';
import { type EdgeRequest, readEdge, readKey } from './edge.ts';
import { quoteEtag, readPreconditions } from './etag.ts';
import { Problem } from './problem.ts';
import { type PropertyValues, represent, toValues } from './property.ts';
import { noProperty, propertyId } from './reading.ts';
import { validNew, validReplacement } from './validate.ts';

/** What writes need. */
export interface WritingParts {
  readonly writer: Writer;
  readonly cookie: SeenCookie;
  /** Milliseconds for a write, the edge's waiting included. */
  readonly deadlineMs: number;
  /** Milliseconds after which a held write goes back to the edge; 0: never. */
  readonly againMs: number;
}

/** `POST /api/property`. */
export const post = (parts: WritingParts): Middleware => async (ctx) => {
  const values = toValues(validNew(ctx.request.body));
  await execute(ctx, parts, { kind: 'create', values });
};

/** `PUT /api/property/ID`. */
export const put = (parts: WritingParts): Middleware => async (ctx) => {
  const id = propertyId(ctx);
  const values = toValues(validReplacement(ctx.request.body, id));
  await execute(ctx, parts, { kind: 'replace', id, values, preconditions: preconditions(ctx) });
};

/** `DELETE /api/property/ID`. */
export const remove = (parts: WritingParts): Middleware => async (ctx) => {
  await execute(ctx, parts, { kind: 'delete', id: propertyId(ctx), preconditions: preconditions(ctx) });
};

const preconditions = (ctx: Context): ReturnType<typeof readPreconditions> => readPreconditions(ctx.headers['if-match'], ctx.headers['if-none-match']);

class ClientGone extends Error {
  override name = 'ClientGone';
}

async function execute(ctx: Context, parts: WritingParts, command: Command): Promise<void> {
  const edge = readEdge(ctx);
  const packet = toPacket(command, keyHash(readKey(ctx, edge)), bodyHash(command));
  try {
    answer(ctx, command, await parts.writer.write(packet, limits(ctx, parts, edge)), parts.cookie);
  } catch (error) {
    if (error instanceof HandBack) return handBack(ctx, error);
    if (error instanceof Overdue || error instanceof ClientGone) throw overdue(error);
    throw error;
  }
}

function limits(ctx: Context, { deadlineMs, againMs }: WritingParts, edge: EdgeRequest | undefined): Parameters<Writer['write']>[1] {
  const gone = new AbortController();
  ctx.res.once('close', () => {
    if (!ctx.res.writableFinished) gone.abort(new ClientGone('The client has closed its connection'));
  });
  return { deadlineMs: deadlineMs - (edge?.waitedMs ?? 0), signal: gone.signal, ...(edge !== undefined && againMs > 0 ? { againMs } : {}) };
}

/** The edge sends the same request, with its body and id, to the next process. Whoever is no edge sees an honest 503. */
function handBack(ctx: Context, reason: HandBack): void {
  ctx.set(HTTP.accelRedirect, HTTP.againLocation);
  throw overdue(reason);
}

const overdue = (cause: Error): Problem =>
  new Problem(503, { detail: 'The write could not be done in time; whether it was is unknown. Ask again with the same Idempotency-Key to find out', headers: { 'retry-after': '1' } }, { cause });

function answer(ctx: Context, command: Command, written: Written, cookie: SeenCookie): void {
  const { status, id, etag, outcome } = written;
  if (status === 422) throw new Problem(422, { detail: 'This Idempotency-Key was used for another request; a new request needs a new key' });
  if (id === undefined) throw new Error(`The write answered ${status} without an id; see that the procedures are those of this version`);
  if (status === 404) throw noProperty(id);
  if (status === 412) throw new Problem(412, { detail: `Property ${id} is not, or no longer, what the preconditions ask for; read it again` });
  ctx.set('set-cookie', cookie.write(outcome.version));
  ctx.status = status;
  if (command.kind === 'delete') return;
  if (status === 201) ctx.set('location', `${API_PATH}/${id}`);
  represented(ctx, id, command.values, etag);
}

/** What was written is what was asked: the body's hash is the same for a replay. */
function represented(ctx: Context, id: number, values: PropertyValues, etag: string | undefined): void {
  if (etag !== undefined) ctx.set('etag', quoteEtag(etag));
  ctx.type = 'application/json';
  ctx.body = represent(id, values);
}
