import { makeFolder } from './folders.ts';

/**
 * Makes the folder for what a command writes down, before it begins: figures and histories that cannot be kept would be lost.
 * @throws Refusal with one sentence that names the folder and the remedy
 */
export function makeOutDir(folder: string, Refusal: new (message: string, options: ErrorOptions) => Error): void {
  try {
    makeFolder(folder);
  } catch (cause) {
    throw new Refusal(`The folder of --out, ${folder}, cannot be made: ${(cause as Error).message}. Name another.`, { cause });
  }
}

/** The time in a file's name, such as `20261122-233607`: UTC. */
export const stampNow = (): string => new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');

/** An error with its causes, in one line. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message} ← ${reasonOf(error.cause)}`;
}

/** The bar of a command's progress, such as `[####----]`. @param share done of all, 0 to 1 */
export function bar(share: number, width: number): string {
  const full = Math.round(Math.min(Math.max(share, 0), 1) * width);
  return `[${'#'.repeat(full)}${'-'.repeat(width - full)}]`;
}
