import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { count, subtract } from '../common/gtid.ts';
import type { ClusterObservation } from './decide/observation.ts';
import { holderOf, servingPrimary } from './decide/roles.ts';
import type { Tally } from './ports.ts';

const PREFIX = 'holdfast_operator_';

/** What the gauges show at the moment when they are asked. */
export interface Snapshot {
  readonly observation: ClusterObservation;
  readonly leads: boolean;
  readonly paused: boolean;
  /** Since the last answer, by member, ms. */
  readonly lastContactMs: ReadonlyMap<string, number>;
}

/** Counters for the steps, and the page for Prometheus. */
export interface Metrics extends Tally {
  readonly page: () => Promise<string>;
}

/** @param snapshot called for each page */
export function createMetrics(snapshot: () => Snapshot): Metrics {
  const registers = [new Registry()];
  const [registry] = registers;
  const counter = (name: string, help: string, labelNames: readonly string[] = []): Counter => new Counter({ name: PREFIX + name, help, labelNames: [...labelNames], registers });
  const failovers = counter('failovers_total', 'Changes of the primary that nobody asked for, by situation', ['situation']);
  const switchovers = counter('switchovers_total', 'Changes of the primary that a person asked for');
  const refusals = counter('refusals_total', 'Decisions that had to be refused, by situation', ['situation']);
  const reseeds = counter('reseeds_total', 'Members whose data was replaced by a copy', ['member']);
  const saved = counter('errant_transactions_saved_total', 'Transactions of re-seeded members alone, kept in their binlogs', ['member']);
  const gap = new Histogram({ name: `${PREFIX}write_gap_seconds`, help: 'From the last answer of the old primary to the opening of the new one', buckets: [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30], registers });
  const fillGauges = gauges(registers, snapshot);
  return {
    failover: (situation) => failovers.inc({ situation }),
    switchover: () => switchovers.inc(),
    refusal: (situation) => refusals.inc({ situation }),
    reseed: (member) => reseeds.inc({ member }),
    errantSaved: (member, transactions) => saved.inc({ member }, transactions),
    writeGap: (ms) => gap.observe(ms / 1000),
    page: () => {
      fillGauges();
      return registry?.metrics() ?? Promise.resolve('');
    },
  };
}

function gauges(registers: Registry[], snapshot: () => Snapshot): () => void {
  const gauge = (name: string, help: string, labelNames: readonly string[] = []): Gauge => new Gauge({ name: PREFIX + name, help, labelNames: [...labelNames], registers });
  const epoch = gauge('epoch', 'Epoch of the primary');
  const acting = gauge('acting', '1 while this operator holds the locks of N - A members');
  const paused = gauge('paused', '1 during maintenance');
  const primary = gauge('primary', '1 for the member that is the open primary', ['member']);
  const contact = gauge('last_contact_seconds', 'Since the last answer of the member', ['member']);
  const heard = gauge('replication_heard_seconds', 'Since the replica heard from its source, on its own clock', ['member']);
  const missing = gauge('replication_missing_transactions', 'Transactions of the primary that the member has not applied', ['member']);
  return () => {
    const { observation, leads, paused: isPaused, lastContactMs } = snapshot();
    const serving = servingPrimary(observation.members);
    epoch.set(holderOf(observation.members).row?.epoch ?? 0);
    acting.set(Number(leads));
    paused.set(Number(isPaused));
    for (const { name: member, status } of observation.members) {
      primary.set({ member }, Number(member === serving?.name));
      contact.set({ member }, (lastContactMs.get(member) ?? 0) / 1000);
      if (status !== undefined && serving !== undefined) missing.set({ member }, count(subtract(serving.status.executed, status.executed)));
      if (status?.receiver.heardMs !== undefined && member !== serving?.name) heard.set({ member }, status.receiver.heardMs / 1000);
      else heard.remove({ member });
    }
  };
}
