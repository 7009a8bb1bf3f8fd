/**
 * The middle one of some numbers; of an even count the mean of the two in the middle.
 * @throws RangeError when there are none
 */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  if (upper === undefined || lower === undefined) throw new RangeError('Taking the median of nothing: measure at least once.');
  return (lower + upper) / 2;
}

/**
 * The smallest number that so many per cent of all do not exceed (nearest rank).
 * @param percent above 0, up to 100
 * @throws RangeError when there are none
 */
export function percentile(numbers: readonly number[], percent: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const found = sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)];
  if (found === undefined) throw new RangeError('Taking a percentile of nothing: measure at least once.');
  return found;
}

/**
 * The median of the ratios of each pair: both of a pair were measured one right after the other, so that whatever else the machine did
 * in these minutes falls on both.
 * @throws RangeError when the lists are empty or not equally long
 */
export function medianRatio(these: readonly number[], beside: readonly number[]): number {
  if (these.length !== beside.length) throw new RangeError(`Comparing ${these.length} figures with ${beside.length}: each needs its pair.`);
  return median(these.map((figure, index) => figure / (beside[index] ?? Number.NaN)));
}
