import { randomUUID } from 'node:crypto';
import type { Context } from 'koa';
import { HTTP } from '../../common/names.ts';
import type { RequestKey } from '../write/key.ts';
import { Problem } from './problem.ts';

/** What the edge says of a request. */
export interface EdgeRequest {
  /** The edge's id, the same for all its attempts at this request. */
  readonly id: string;
  /** Milliseconds for which the edge has held it already. */
  readonly waitedMs: number;
}

const EDGE_ID = /^[0-9a-f]{32}$/;
const SECONDS = /^\d{1,6}(?:\.\d{1,6})?$/;
const PRINTABLE = /^[\x20-\x7E]{1,255}$/;

/** The edge sets both headers, over whatever its client sent. One alone comes from somebody who went around it. */
export function readEdge(ctx: Context): EdgeRequest | undefined {
  const [id, waited] = [ctx.get(HTTP.requestId), ctx.get(HTTP.waited)];
  return EDGE_ID.test(id) && SECONDS.test(waited) ? { id, waitedMs: Number(waited) * 1000 } : undefined;
}

/**
 * What names this request: the client's key, else the edge's id, else a name of its own, which at least makes this
 * process's attempts one.
 * @throws Problem 400 when the client's key is none
 */
export function readKey(ctx: Context, edge: EdgeRequest | undefined): RequestKey {
  const { method, path } = ctx;
  const given = ctx.headers[HTTP.idempotencyKey];
  if (given === undefined) return edge === undefined ? { kind: 'own', method, path, key: randomUUID() } : { kind: 'edge', method, path, key: edge.id };
  if (typeof given !== 'string' || !PRINTABLE.test(given)) throw new Problem(400, { detail: 'Idempotency-Key must be 1 to 255 printable ASCII characters' });
  return { kind: 'client', method, path, key: given };
}
