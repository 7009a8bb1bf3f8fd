import type { Bed } from './bed/bed.ts';
import type { LoadGenerator } from './load/generator.ts';
import type { Traffic } from './load/traffic.ts';
import type { Contestant, Pace } from './measure/alternate.ts';
import type { Row } from './measure/row.ts';
import type { BenchOptions } from './options.ts';

/** What a case works with. */
export interface BenchContext extends Pace {
  readonly bed: Bed;
  readonly options: BenchOptions;
  readonly load: LoadGenerator;
}

/** How many clients a load has where a case does not say: enough to keep two cores busy. */
export const CLIENTS = 64;

/** Something that is asked over HTTP. */
export const http = ({ load }: BenchContext, what: string, { url, traffic, clients = CLIENTS }: { readonly url: string; readonly traffic: Traffic; readonly clients?: number }): Contestant =>
  ({ what, run: (seconds, signal) => load.run({ url, traffic, connections: clients, seconds }, signal) });

/** Something whose cost is measured, beside its limit. */
export interface Case {
  readonly name: string;
  /** What is compared with what. */
  readonly says: string;
  /** @throws Error when it could not be measured */
  readonly run: (context: BenchContext) => Promise<readonly Row[]>;
}
