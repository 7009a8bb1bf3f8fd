import { createHmac, timingSafeEqual } from 'node:crypto';
import { HTTP } from '../../common/names.ts';
import type { Version } from '../ports.ts';

/** Seconds for which a client that has written gets past caches that may be older. */
const MAX_AGE_S = 10;

const SIGNED = /^(\d{1,15})\.(\d{1,15})\.([0-9a-f-]{36})\.([\w-]{22})$/;

/** The cookie of a client that has just written: its last write, signed, so that nobody makes the service wait for others. */
export class SeenCookie {
  readonly #key: string;

  /** @param secret the same in all processes of the service */
  constructor(secret: string) {
    this.#key = `seen:${secret}`;
  }

  /** The value of `Set-Cookie`. */
  write({ epoch, n, serverUuid }: Version): string {
    const text = `${epoch}.${n}.${serverUuid}`;
    return `${HTTP.seenCookie}=${text}.${this.#sign(text)}; Path=/; Max-Age=${MAX_AGE_S}; HttpOnly; SameSite=Lax`;
  }

  /** Reads a `Cookie` header; whatever is not ours counts as absent. */
  read(header: string | undefined): Version | undefined {
    const value = header?.split(';').map((pair) => pair.trim()).find((pair) => pair.startsWith(`${HTTP.seenCookie}=`))?.slice(HTTP.seenCookie.length + 1);
    const [, epoch, n, serverUuid, signature] = SIGNED.exec(value ?? '') ?? [];
    if (serverUuid === undefined || signature === undefined) return undefined;
    const expected = this.#sign(`${epoch}.${n}.${serverUuid}`);
    return timingSafeEqual(Buffer.from(signature), Buffer.from(expected)) ? { epoch: Number(epoch), serverUuid, n: Number(n) } : undefined;
  }

  #sign(text: string): string {
    return createHmac('sha256', this.#key).update(text).digest('base64url').slice(0, 22);
  }
}
