import { join } from 'node:path';

/** The checkout. */
export const ROOT = join(import.meta.dirname, '../..');

/** Where fetched programs are kept: beside the code, since every data folder uses them. */
export const CACHE_DIR = join(ROOT, '.cache');

/** The environment for what is started: the supervisor's own, without what npm adds to it. */
export const inherited = (): Record<string, string> =>
  Object.fromEntries(Object.entries(process.env).flatMap(([name, value]) => (value === undefined || /^npm_/i.test(name) ? [] : [[name, value]])));
