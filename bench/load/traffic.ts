import { randomFrom } from '../../common/random.ts';
import { zipf } from '../measure/zipf.ts';

/** One request of a load. */
export interface Asked {
  readonly method: 'GET' | 'POST';
  /** Path and query. */
  readonly path: string;
  /** JSON on one line; absent: none. */
  readonly body?: string;
}

/** What a load asks for, over and over from the first to the last; each connection goes on where another was. */
export type Traffic = readonly [Asked, ...Asked[]];

export const get = (path: string): Asked => ({ method: 'GET', path });

/** A list of paths as traffic. @throws RangeError when it is empty */
export function trafficOf(asked: readonly Asked[]): Traffic {
  const [first, ...rest] = asked;
  if (first === undefined) throw new RangeError('A load of no requests: name at least one.');
  return [first, ...rest];
}

/** Reads and writes, in what shares. */
export interface Mix {
  readonly pages: readonly string[];
  /** What is written, drawn at random; absent: nothing. */
  readonly writes?: readonly Asked[];
  /** Of all requests, 0 to 1. */
  readonly writeShare: number;
  readonly count: number;
  readonly seed: number;
}

/** Requests drawn at random: pages by Zipf's law, the first the most popular, with writes among them. */
export function mixed({ pages, writes = [], writeShare, count, seed }: Mix): Traffic {
  const random = randomFrom(seed);
  const rank = zipf(pages.length, random);
  const drawn = Array.from({ length: count }, (): Asked => {
    const write = random() < writeShare ? writes[Math.floor(random() * writes.length)] : undefined;
    return write ?? get(pages[rank()] ?? '/');
  });
  return trafficOf(drawn);
}
