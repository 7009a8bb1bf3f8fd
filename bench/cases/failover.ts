import { stack } from '../bed/stack.ts';
import type { Case } from '../case.ts';
import { median, medianRatio } from '../../common/median.ts';
import type { Outage } from '../measure/outage.ts';
import type { Row, Target, Unit } from '../measure/row.ts';
import { FULL, killPrimary, LOW } from './failing.ts';

/** Seconds in which all is as before. */
const FULL_AGAIN_S = 3;

interface Pair {
  readonly full: Outage & { readonly failed: number };
  readonly low: Outage & { readonly failed: number };
}

/** What load makes of a failover. */
export const failover: Case = {
  name: 'failover',
  says: `kill -9 of the primary under ${FULL.clients} clients that write as fast as they can, beside the same under ${LOW.clients} that pause ${LOW.pauseMs} ms after each write`,
  run: async ({ bed, pairs, signal, step }) => {
    const { stack: broken, url } = await stack(bed);
    const all: Pair[] = [];
    for (let pair = 1; pair <= pairs; pair += 1) {
      step(`at low load: ${pair} of ${pairs}`);
      const low = await killPrimary({ stack: broken, url, pressure: LOW, signal });
      step(`at full load: ${pair} of ${pairs}`);
      all.push({ low, full: await killPrimary({ stack: broken, url, pressure: FULL, signal }) });
    }
    return rowsOf(all);
  },
};

function rowsOf(all: readonly Pair[]): readonly Row[] {
  const row = (what: string, unit: Unit, read: (outage: Outage) => number, target?: Target): Row => compared({ what, unit, all, read, ...(target === undefined ? {} : { target }) });
  // What never came back within the measurement counts as twice the bound.
  const fullAfter = all.map(({ full }) => (full.fullAfterMs ?? FULL_AGAIN_S * 2000) / 1000);
  return [
    { ...row('longest time without an acknowledged write', 'ms', ({ gapMs }) => gapMs, { kind: 'at most', ratio: 2 }), failed: all.reduce((sum, { full, low }) => sum + full.failed + low.failed, 0) },
    row('99th percentile of a write in the 5 s from the kill on', 'ms', ({ p99Ms }) => p99Ms),
    row('acknowledged writes a second before', 'requests/s', ({ ratePerSecond }) => ratePerSecond),
    {
      what: 'time until 90 % of the rate of before', value: median(fullAfter), unit: 's', range: [Math.min(...fullAfter), Math.max(...fullAfter)],
      beside: { what: 'bound', value: FULL_AGAIN_S }, ratio: median(fullAfter) / FULL_AGAIN_S, target: { kind: 'at most', ratio: 1 },
    },
  ];
}

function compared({ what, unit, all, read, target }: { readonly what: string; readonly unit: Unit; readonly all: readonly Pair[]; readonly read: (outage: Outage) => number; readonly target?: Target }): Row {
  const [full, low] = [all.map((pair) => read(pair.full)), all.map((pair) => read(pair.low))];
  return {
    what, unit, value: median(full), range: [Math.min(...full), Math.max(...full)],
    beside: { what: 'at low load', value: median(low) }, ratio: medianRatio(full, low), ...(target === undefined ? {} : { target }),
  };
}
