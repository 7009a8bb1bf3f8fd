import { Counter, Gauge } from 'prom-client';
import type { Registry } from 'prom-client';
import type { RedisHealth } from './generation.ts';
import type { CacheMeter } from './ports.ts';

/**
 * Registers the cache's metrics.
 * @param health asked whenever metrics are read
 */
export function createMeter(registry: Registry, health: () => RedisHealth): CacheMeter {
  const registers = [registry];
  const hits = new Counter({ name: 'holdfast_cache_hits_total', help: 'Reads answered by a page that was kept, by where it was', labelNames: ['where'], registers });
  const fills = new Counter({ name: 'holdfast_cache_fills_total', help: 'Pages made after a miss, by where their rows came from', labelNames: ['source'], registers });
  const bypasses = new Counter({ name: 'holdfast_cache_bypasses_total', help: 'Reads that did not use the cache, by reason', labelNames: ['reason'], registers });
  const invalidations = new Counter({ name: 'holdfast_cache_invalidations_total', help: 'Writes before their answer: what they changed is in the log in Redis, or only that they changed something; cache off already, cache turned off for it', labelNames: ['how'], registers });
  const changes = new Counter({ name: 'holdfast_cache_generation_changes_total', help: 'Changes of the cache generation by this process', labelNames: ['change'], registers });
  registry.registerMetric(usableGauge(health));
  return {
    hit: (where) => hits.inc({ where }),
    fill: (source) => fills.inc({ source }),
    bypass: (reason) => bypasses.inc({ reason }),
    invalidated: (how) => invalidations.inc({ how }),
    generation: (change) => changes.inc({ change }),
  };
}

/** 1 while the circuit breaker before Redis is closed. */
const usableGauge = (health: () => RedisHealth): Gauge =>
  new Gauge({
    name: 'holdfast_cache_redis_usable',
    help: '1 while this process has a Redis master that answers in time, 0 while the circuit breaker is open or there is none',
    registers: [],
    collect() {
      this.set(health().state === 'healthy' ? 1 : 0);
    },
  });
