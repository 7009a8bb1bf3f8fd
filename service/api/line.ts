import type { Middleware } from 'koa';
import { API_PATH } from '../../common/names.ts';

/**
 * So many reads are under way at once; the others stand in line. More would share the processor, so that all of them come
 * too late instead of some, and the edge would ask each of them again. The connections to three members are as many (40 each).
 */
export const READS_AT_ONCE = 120;

/** Whoever comes first goes first. */
export class Line {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  /** @param places how many may be inside at once */
  constructor(places: number) {
    this.#free = places;
  }

  /** How many stand in line. */
  get length(): number {
    return this.#waiting.length;
  }

  /** Resolves when there is a place, which is to be given back; undefined: there is one now. */
  enter(): Promise<void> | undefined {
    if (this.#free > 0) {
      this.#free -= 1;
      return undefined;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    return promise;
  }

  /** Gives a place back. */
  leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}

/** Lets reads in one after the other; whose client has left while it stood in line is not carried out. */
export const inLine = (line: Line): Middleware => async (ctx, next) => {
  const isRead = (ctx.method === 'GET' || ctx.method === 'HEAD') && ctx.path.startsWith(API_PATH);
  const turn = isRead ? line.enter() : undefined;
  try {
    await turn;
    // Nobody reads the status; it stands in the metrics.
    if (turn !== undefined && !ctx.writable) ctx.status = 408;
    else await next();
  } finally {
    if (isRead) line.leave();
  }
};
