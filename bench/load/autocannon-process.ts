/** Gets a {@link LoadOrder} as a message, makes the load, answers with a {@link LoadResult} and ends. */
import { once } from 'node:events';
import autocannon from 'autocannon';
import type { LoadOrder, LoadResult } from './generator.ts';

/** Seconds that a request may take: longer than the service holds a write. */
const TIMEOUT_S = 15;

async function load({ url, traffic, connections, seconds }: LoadOrder): Promise<LoadResult> {
  const cpuBefore = process.cpuUsage();
  const result = await autocannon({
    url, connections, duration: seconds, timeout: TIMEOUT_S,
    requests: traffic.map(({ method, path, body }) => ({ method, path, ...(body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } }) })),
  });
  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    perSecond: (result['2xx'] + result.non2xx) / result.duration, p50Ms: result.latency.p50, p99Ms: result.latency.p99,
    failed: result.errors + result.non2xx, cpu: (user + system) / 1e6 / result.duration,
  };
}

const [order] = (await once(process, 'message')) as [LoadOrder];
const result = await load(order);
process.send?.(result, () => process.disconnect());
