import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Apt } from './apt.ts';
import type { Package } from './apt.ts';
import { withFileLock } from './lock.ts';
import { diskProblem, Problem, saysDiskFull } from './problem.ts';
import type { Program } from './program.ts';
import { askVersion } from './path.ts';
import { run, RunError } from './run.ts';
import { newestSources, newestSuite, ownSources, parseDeb822, parseOneLine, parseRelease } from './sources.ts';
import type { Source } from './sources.ts';
import { unpack, unpackedProgram } from './unpack.ts';
import { isNewEnough, TITLE } from './version.ts';
import type { Product } from './version.ts';

/** What is going on, for a person; bytes only while something is fetched. */
export interface Progress {
  readonly text: string;
  readonly doneBytes?: number;
  readonly totalBytes?: number;
}

/** What {@link fetchProducts} and its callers need. */
export interface FetchOptions {
  /** Below which everything is kept; made when missing. */
  readonly cacheDir: string;
  readonly report: (progress: Progress) => void;
  readonly signal?: AbortSignal;
}

/** Names of the packages, in Debian's, Ubuntu's and MySQL's own repositories. */
const PACKAGES: Readonly<Record<Product, readonly string[]>> = {
  mysql: ['^mysql-(community-)?server-core(-[0-9.]+)?$', '^mysql-(community-)?client-core(-[0-9.]+)?$'],
  redis: ['^redis-server$'],
  nginx: ['^nginx$'],
  wrk: ['^wrk$'],
};

/** Of all that an installation needs: the programs, their data and the libraries; not what only installs or configures. */
const WANTED = /^(mysql|redis|nginx|wrk|lib)/;
const UNWANTED = /^lib(perl|pam|semanage|sepol|audit|debconf|db5)|-perl$/;

const DESCRIPTION = 'unpacked.json';

/**
 * The programs of a product as an earlier call unpacked them.
 * @param names all that must be there
 * @returns undefined when they are not there or too old
 */
export function fetchedProduct(cacheDir: string, product: Product, names: readonly string[]): Record<string, Program> | undefined {
  const root = join(cacheDir, 'programs', product);
  if (!existsSync(join(root, DESCRIPTION))) return undefined;
  const { version } = JSON.parse(readFileSync(join(root, DESCRIPTION), 'utf8')) as { readonly version: string };
  const programs: Record<string, Program> = {};
  for (const name of names) {
    const program = unpackedProgram(root, name, version);
    if (program === undefined || !isNewEnough(product, version)) return undefined;
    programs[name] = program;
  }
  return programs;
}

/** Whether packages can be fetched here: a Debian or one of its kin, with apt's tools. */
export const canFetch = (): boolean => process.platform === 'linux' && ['/usr/bin/apt-get', '/usr/bin/dpkg', '/usr/bin/flock'].every((file) => existsSync(file));

/** Fetched programs by product, and then by name. */
export type Fetched = Readonly<Partial<Record<Product, Record<string, Program>>>>;

/**
 * Fetches products' packages from the machine's own mirrors and unpacks them, without root. What is unpacked appears by one
 * rename when it is whole and has answered with its version, so that nothing that broke off half-way is ever used.
 * @param wanted names of the programs that must be there, by product
 * @throws Problem with one sentence that says what to do
 */
export async function fetchProducts(wanted: Readonly<Partial<Record<Product, readonly string[]>>>, options: FetchOptions): Promise<Fetched> {
  const folder = join(options.cacheDir, 'programs');
  const waiting = (): void => options.report({ text: `waiting for another process that fetches into ${folder}` });
  try {
    mkdirSync(folder, { recursive: true });
    return await withFileLock(join(folder, 'lock'), { waiting, ...(options.signal === undefined ? {} : { signal: options.signal }) }, () => fetchAll(folder, wanted, options));
  } catch (error) {
    options.signal?.throwIfAborted();
    if (error instanceof RunError && saysDiskFull(error.output)) throw new Problem(`Fetching programs into ${folder} failed: the disk is full. Free 1 GB and start again.`, { cause: error });
    throw diskProblem(error, 'Fetching programs', folder);
  }
}

/** The lock is held: whatever else is called partial was left by a process that is gone. */
async function fetchAll(folder: string, wanted: Readonly<Partial<Record<Product, readonly string[]>>>, options: FetchOptions): Promise<Fetched> {
  for (const left of readdirSync(folder).filter((name) => name.startsWith('partial-'))) rmSync(join(folder, left), { recursive: true, force: true, maxRetries: 3 });
  const partial = mkdtempSync(join(folder, 'partial-'));
  const fetched: Partial<Record<Product, Record<string, Program>>> = {};
  try {
    const suites = await findSuites(partial, options);
    for (const [product, names] of Object.entries(wanted) as readonly [Product, readonly string[]][]) {
      fetched[product] = fetchedProduct(options.cacheDir, product, names) ?? (await fetchOne(folder, join(partial, product), { product, names, suites, options }));
    }
    return fetched;
  } finally {
    rmSync(partial, { recursive: true, force: true, maxRetries: 3 });
  }
}

interface Wanted {
  readonly product: Product;
  readonly names: readonly string[];
  readonly suites: readonly Suite[];
  readonly options: FetchOptions;
}

async function fetchOne(folder: string, partial: string, { product, names, suites, options }: Wanted): Promise<Record<string, Program>> {
  const { apt, roots, version, suite } = await chooseSuite(product, suites, options);
  const packages = (await apt.closure(roots)).filter(({ name }) => WANTED.test(name) && !UNWANTED.test(name));
  const root = join(partial, 'root');
  mkdirSync(root, { recursive: true });
  await unpack(await download(apt, packages, { what: `${TITLE[product]} ${version} from ${suite}`, folder: join(partial, 'packages'), options }), root, options.signal);
  await proveWhole(root, product, names, version);
  writeFileSync(join(root, DESCRIPTION), `${JSON.stringify({ product, version, suite, packages }, undefined, 2)}\n`);
  rmSync(join(folder, product), { recursive: true, force: true });
  renameSync(root, join(folder, product));
  const programs = fetchedProduct(options.cacheDir, product, names);
  if (programs === undefined) throw new Error(`${TITLE[product]} vanished from ${folder} right after it was unpacked: is another process clearing that folder?`);
  return programs;
}

/** A suite of the machine's mirrors; its lists are read when it is asked for the first time. */
interface Suite {
  readonly title: string;
  readonly read: () => Promise<Apt>;
}

/** The machine's own release, then the newest suite of the same mirrors. */
async function findSuites(partial: string, options: FetchOptions): Promise<readonly Suite[]> {
  const release = parseRelease(readFileSync('/etc/os-release', 'utf8'));
  const sources = machineSources();
  const architecture = (await run(['dpkg', '--print-architecture'])).stdout.trim();
  const suites = [
    { suite: release.codename, from: ownSources(release, sources) },
    ...newestSources(release, sources).map((source) => ({ suite: newestSuite(release), from: [source] })),
  ];
  return suites
    .filter(({ from }) => from.length > 0)
    .map(({ suite, from }, index) => {
      const title = `${release.id} ${suite}`;
      let reading: Promise<Apt> | undefined;
      const read = async (): Promise<Apt> => {
        options.report({ text: `reading the package lists of ${title}` });
        const apt = new Apt(join(partial, `apt-${index}`), from, options.signal);
        await apt.update(architecture);
        return apt;
      };
      return { title, read: () => (reading ??= read()) };
    });
}

interface Choice {
  readonly apt: Apt;
  /** Packages that bring the programs. */
  readonly roots: readonly string[];
  readonly version: string;
  readonly suite: string;
}

async function chooseSuite(product: Product, suites: readonly Suite[], { signal }: FetchOptions): Promise<Choice> {
  const refusals: string[] = [];
  for (const { title, read } of suites) {
    try {
      const apt = await read();
      const found = await newestRoots(apt, product);
      if (found !== undefined && isNewEnough(product, found.version)) return { apt, suite: title, ...found };
      refusals.push(found === undefined ? `${title} has none` : `${title} has ${found.version}`);
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof RunError) || saysDiskFull(error.output)) throw error;
      refusals.push(`${title} could not be read (${error.message})`);
    }
  }
  throw new Problem(`${TITLE[product]} could not be fetched: ${refusals.join('; ') || 'apt has no source of this release'}. Look at apt's sources and the network, or install it so that it is on PATH.`);
}

async function newestRoots(apt: Apt, product: Product): Promise<{ readonly roots: readonly string[]; readonly version: string } | undefined> {
  const found = await Promise.all(PACKAGES[product].map((pattern) => apt.newest(pattern)));
  const whole = found.filter((candidate) => candidate !== undefined);
  const [first] = whole;
  if (first === undefined || whole.length < found.length) return undefined;
  return { roots: whole.map(({ name }) => name), version: first.version };
}

function machineSources(): readonly Source[] {
  const folder = '/etc/apt/sources.list.d';
  const files = [...(existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []), '/etc/apt/sources.list'];
  return files.flatMap((file) => {
    if (file.endsWith('.sources')) return parseDeb822(readFileSync(file, 'utf8'));
    return file.endsWith('.list') && existsSync(file) ? parseOneLine(readFileSync(file, 'utf8')) : [];
  });
}

interface Download {
  readonly what: string;
  readonly folder: string;
  readonly options: FetchOptions;
}

async function download(apt: Apt, packages: readonly Package[], { what, folder, options: { report } }: Download): Promise<readonly string[]> {
  const totalBytes = packages.reduce((sum, { bytes }) => sum + bytes, 0);
  const tell = (doneBytes: number): void => report({ text: `fetching ${what}`, doneBytes, totalBytes });
  tell(0);
  const files = await apt.download(packages, folder, tell);
  tell(totalBytes);
  report({ text: `unpacking ${what}` });
  return files;
}

async function proveWhole(root: string, product: Product, names: readonly string[], version: string): Promise<void> {
  for (const name of names) {
    const program = unpackedProgram(root, name, version);
    if (program === undefined) throw new Problem(`The packages of ${TITLE[product]} ${version} have no ${name}: install ${TITLE[product]} so that it is on PATH.`);
    if ((await askVersion(product, program, undefined)) === undefined) {
      throw new Problem(`${name} ${version} was fetched but does not run on this machine: install ${TITLE[product]} so that it is on PATH.`);
    }
  }
}
