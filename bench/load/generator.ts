import type { Traffic } from './traffic.ts';

/** One load. */
export interface LoadOrder {
  /** `http://HOST:PORT`. */
  readonly url: string;
  readonly traffic: Traffic;
  readonly connections: number;
  readonly seconds: number;
}

/** What came of it. */
export interface LoadResult {
  /** Answers of whatever status. */
  readonly perSecond: number;
  /** autocannon knows whole milliseconds only. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Requests that got no answer, or another status than 2xx or 3xx. */
  readonly failed: number;
  /** Share of one core that the generator had, 0 to 1 and more: on a machine that also carries what it loads, this is missing there. */
  readonly cpu: number;
}

/** A program that asks as fast as it is answered, on connections that stay open. */
export interface LoadGenerator {
  /** With its version. */
  readonly title: string;
  /** @throws Error when it could not be run; the signal's reason when it is aborted, after its process has ended */
  run(order: LoadOrder, signal: AbortSignal): Promise<LoadResult>;
}
