import { canFetch, fetchedProduct, fetchProducts } from './fetch.ts';
import type { Fetched, FetchOptions } from './fetch.ts';
import { programsOnPath } from './path.ts';
import { Problem } from './problem.ts';
import type { Program } from './program.ts';
import { MINIMUM, TITLE } from './version.ts';
import type { Product } from './version.ts';

/** Everything that the stack starts beside Node. */
export interface Programs {
  readonly mysqld: Program;
  readonly mysql: Program;
  readonly mysqlbinlog: Program;
  /** Is Sentinel too, with `--sentinel` after the settings file. */
  readonly redisServer: Program;
  readonly nginx: Program;
}

const NAMES = { mysql: ['mysqld', 'mysql', 'mysqlbinlog'], redis: ['redis-server'], nginx: ['nginx'], wrk: ['wrk'] } as const;

/**
 * Finds the programs: from PATH when all of a product are there and new enough, else what an earlier call fetched, else
 * fetched now.
 * @throws Problem that says what to install and how, for all that is missing
 */
export async function findPrograms(options: FetchOptions): Promise<Programs> {
  const found = { mysql: await local('mysql', options), redis: await local('redis', options), nginx: await local('nginx', options) };
  const missing = (['mysql', 'redis', 'nginx'] as const).filter((product) => found[product] === undefined);
  if (missing.length > 0 && !canFetch()) throw new Problem(howToInstall(missing));
  const fetched = missing.length === 0 ? {} : await fetchProducts(Object.fromEntries(missing.map((product) => [product, NAMES[product]])), options);
  const { mysql = {}, redis = {}, nginx = {} } = { ...withoutMissing(found), ...fetched };
  return {
    mysqld: named(mysql, 'mysqld'),
    mysql: named(mysql, 'mysql'),
    mysqlbinlog: named(mysql, 'mysqlbinlog'),
    redisServer: named(redis, 'redis-server'),
    nginx: named(nginx, 'nginx'),
  };
}

/**
 * wrk, found as the programs of the stack are.
 * @returns undefined where it neither is nor can be fetched
 */
export async function findWrk(options: FetchOptions): Promise<Program | undefined> {
  const found = await local('wrk', options);
  if (found !== undefined || !canFetch()) return found?.['wrk'];
  try {
    return (await fetchProducts({ wrk: NAMES.wrk }, options)).wrk?.['wrk'];
  } catch (error) {
    options.signal?.throwIfAborted();
    if (error instanceof Problem) return undefined;
    throw error;
  }
}

const withoutMissing = (found: Readonly<Partial<Record<Product, Record<string, Program> | undefined>>>): Fetched =>
  Object.fromEntries(Object.entries(found).filter(([, programs]) => programs !== undefined));

const local = async (product: Product, { cacheDir, signal }: FetchOptions): Promise<Record<string, Program> | undefined> =>
  (await programsOnPath(product, NAMES[product], signal)) ?? fetchedProduct(cacheDir, product, NAMES[product]);

function named(programs: Record<string, Program>, name: string): Program {
  const program = programs[name];
  if (program === undefined) throw new Error(`${name} was not looked for: add it to NAMES in programs.ts`);
  return program;
}

/** What to say where nothing can be fetched. */
export function howToInstall(products: readonly Product[]): string {
  const wanted = products.map((product) => `${TITLE[product]} ${MINIMUM[product].join('.')} or newer (${NAMES[product].join(', ')})`).join(', ');
  return `Not on PATH: ${wanted}. Install and start again: macOS: brew install ${products.join(' ')}. Fedora, RHEL: dnf install ${products
    .map((product) => (product === 'mysql' ? 'mysql8.4-server' : product))
    .join(' ')}. Arch and others: from the projects' own packages (MariaDB is not MySQL, Valkey is not Redis).`;
}
