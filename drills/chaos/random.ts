/** One of these. @throws Error when there are none */
export function oneOf<T>(random: () => number, all: readonly T[]): T {
  const chosen = all[Math.floor(random() * all.length)];
  if (chosen === undefined) throw new Error('Choosing failed: there is nothing to choose from.');
  return chosen;
}

/** A whole number of milliseconds between two, each decade as likely as the next: short times matter as much as long ones. */
export const between = (random: () => number, fromMs: number, toMs: number): number => Math.round(fromMs * (toMs / fromMs) ** random());
