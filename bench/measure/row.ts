/** What a figure counts. */
export type Unit = 'requests/s' | 'rows/s' | 'commits/s' | 'statements/s' | 'ms' | 's' | 'MiB' | 'MB/s' | '% of a core';

/** What a ratio must be. */
export interface Target {
  readonly kind: 'at least' | 'at most';
  readonly ratio: number;
}

/** A figure of a case, beside its limit where it has one. */
export interface Row {
  /** What was measured, in words that say all. */
  readonly what: string;
  /** Median of all runs. */
  readonly value: number;
  readonly unit: Unit;
  /** Lowest and highest of all runs. */
  readonly range?: readonly [number, number];
  readonly p99Ms?: number;
  /** Share of one core that the load generator itself had, 0 to 1 and more. */
  readonly loadCpu?: number;
  /** Requests that were not answered as they should, all runs together. */
  readonly failed?: number;
  readonly beside?: { readonly what: string; readonly value: number };
  /** Median of the ratios of the pairs. */
  readonly ratio?: number;
  readonly target?: Target;
}

/** Whether a figure keeps its target; undefined where it has none. */
export function isMet({ ratio, target }: Pick<Row, 'ratio' | 'target'>): boolean | undefined {
  if (target === undefined || ratio === undefined) return undefined;
  return target.kind === 'at least' ? ratio >= target.ratio : ratio <= target.ratio;
}

/** A case's name with its figures, or what kept it from having any. */
export interface CaseResult {
  readonly name: string;
  readonly says: string;
  readonly rows: readonly Row[];
  readonly broken?: string;
}
