import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { Topology } from './ports.ts';
import type { WriterEvents } from './write/writer.ts';

/** What the parts of the service tell the metrics. */
export interface ServiceMetrics {
  readonly registry: Registry;
  readonly writes: WriterEvents;
  readonly failoverSeen: () => void;
  readonly answered: (seconds: number, request: { readonly method: string; readonly route: string; readonly status: number }) => void;
}

const SECONDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** All metrics of one process, in a registry of its own, to which the cache adds its own. */
export function createMetrics(): ServiceMetrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({ name: 'holdfast_http_request_seconds', help: 'Time from the request to the end of its handling', labelNames: ['method', 'route', 'status'], buckets: SECONDS, registers });
  const held = new Histogram({ name: 'holdfast_write_held_seconds', help: 'Time of writes that were not done at their first attempt at once', buckets: SECONDS, registers });
  const together = new Histogram({ name: 'holdfast_writes_per_transaction', help: 'Writes that were sent to the primary in one transaction', buckets: [1, 2, 4, 8, 16, 32, 64], registers });
  const retries = new Counter({ name: 'holdfast_write_retries_total', help: 'Attempts at writes that failed and were followed by another, by reason', labelNames: ['reason'], registers });
  const failovers = new Counter({ name: 'holdfast_failovers_seen_total', help: 'Primaries of a higher epoch that this process found after another', registers });
  return {
    registry,
    writes: { retried: (reason) => retries.inc({ reason }), held: (seconds) => held.observe(seconds), sent: (writes) => together.observe(writes) },
    failoverSeen: () => failovers.inc(),
    answered: (seconds, { method, route, status }) => requests.observe({ method, route, status }, seconds),
  };
}

/** Adds what the topology knows at the moment of each scrape. */
export function watchTopology(registry: Registry, topology: Topology): void {
  const registers = [registry];
  const gauge = (name: string, help: string, read: () => number): Gauge => new Gauge({ name, help, registers, collect() { this.set(read()); } });
  gauge('holdfast_primary_epoch', 'Epoch of the primary that this process writes to; 0: it reaches none', () => topology.primary()?.epoch ?? 0);
  gauge('holdfast_readable_replicas', 'Replicas that follow the primary and may be read', () => topology.replicas().length);
}
