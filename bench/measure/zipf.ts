/**
 * Draws ranks by Zipf's law: the k-th most popular of all is asked for 1/k as often as the first (exponent 1, as web pages are; Breslau et al., 1999).
 * @param count how many there are
 * @param random from 0 up to and without 1
 * @returns what draws a rank, 0 for the most popular
 */
export function zipf(count: number, random: () => number): () => number {
  const reached: number[] = [];
  let sum = 0;
  for (let rank = 1; rank <= count; rank += 1) reached.push((sum += 1 / rank));
  return () => firstAbove(reached, random() * sum);
}

/** The index of the first of ascending numbers that is above a point. */
function firstAbove(ascending: readonly number[], point: number): number {
  let [least, most] = [0, ascending.length - 1];
  while (least < most) {
    const middle = Math.floor((least + most) / 2);
    if ((ascending[middle] ?? Infinity) > point) most = middle;
    else least = middle + 1;
  }
  return least;
}
