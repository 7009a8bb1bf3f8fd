import type { Bed } from './bed/bed.ts';
import type { Pace } from './measure/alternate.ts';
import type { Row } from './measure/row.ts';
import type { BenchOptions } from './options.ts';

/** What a case works with. */
export interface BenchContext extends Pace {
  readonly bed: Bed;
  readonly options: BenchOptions;
}

/** Something whose cost is measured, beside its limit. */
export interface Case {
  readonly name: string;
  /** What is compared with what. */
  readonly says: string;
  /** @throws Error when it could not be measured */
  readonly run: (context: BenchContext) => Promise<readonly Row[]>;
}
