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
import type { Release, Source } from './sources.ts';
import { unpack, unpackedProgram } from './unpack.ts';
import { isNewEnough, TITLE } from './version.ts';
import type { Product } from './version.ts';

/** What is going on, for a person; bytes only while something is fetched. */
export interface Progress {
  readonly text: string;
  readonly doneBytes?: number;
  readonly totalBytes?: number;
}

/** What {@link fetchProduct} and its callers need. */
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
};

/** Of all that an installation needs: the programs, their data and the libraries; not what only installs or configures. */
const WANTED = /^(mysql|redis|nginx|lib)/;
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

/**
 * Fetches a product's packages from the machine's own mirrors and unpacks them, without root. What is unpacked appears
 * by one rename when it is whole and has answered with its version, so that nothing that broke off half-way is ever used.
 * @throws Problem with one sentence that says what to do
 */
export async function fetchProduct(product: Product, names: readonly string[], options: FetchOptions): Promise<Record<string, Program>> {
  const folder = join(options.cacheDir, 'programs');
  const waiting = (): void => options.report({ text: `waiting for another process that fetches into ${folder}` });
  try {
    mkdirSync(folder, { recursive: true });
    return await withFileLock(join(folder, 'lock'), { waiting, ...(options.signal === undefined ? {} : { signal: options.signal }) }, async () => {
      const already = fetchedProduct(options.cacheDir, product, names);
      return already ?? (await fetchInto(folder, product, names, options));
    });
  } catch (error) {
    options.signal?.throwIfAborted();
    if (error instanceof RunError && saysDiskFull(error.output)) throw new Problem(`Fetching ${TITLE[product]} into ${folder} failed: the disk is full. Free 500 MB and start again.`, { cause: error });
    throw diskProblem(error, `Fetching ${TITLE[product]}`, folder);
  }
}

async function fetchInto(folder: string, product: Product, names: readonly string[], options: FetchOptions): Promise<Record<string, Program>> {
  for (const left of readdirSync(folder).filter((name) => name.startsWith('partial-'))) rmSync(join(folder, left), { recursive: true, force: true, maxRetries: 3 });
  const partial = mkdtempSync(join(folder, 'partial-'));
  try {
    const release = parseRelease(readFileSync('/etc/os-release', 'utf8'));
    const { apt, roots, version, suite } = await findSuite(partial, product, release, options);
    const packages = (await apt.closure(roots)).filter(({ name }) => WANTED.test(name) && !UNWANTED.test(name));
    const root = join(partial, 'root');
    mkdirSync(root);
    await unpack(await download(apt, packages, `${TITLE[product]} ${version} from ${suite}`, options), root, options.signal);
    await proveWhole(root, product, names, version);
    writeFileSync(join(root, DESCRIPTION), `${JSON.stringify({ product, version, suite, packages }, undefined, 2)}\n`);
    rmSync(join(folder, product), { recursive: true, force: true });
    renameSync(root, join(folder, product));
  } finally {
    rmSync(partial, { recursive: true, force: true, maxRetries: 3 });
  }
  const programs = fetchedProduct(options.cacheDir, product, names);
  if (programs === undefined) throw new Error(`${TITLE[product]} vanished from ${folder} right after it was unpacked: is another process clearing that folder?`);
  return programs;
}

interface Suite {
  readonly apt: Apt;
  /** Packages that bring the programs. */
  readonly roots: readonly string[];
  readonly version: string;
  readonly suite: string;
}

/** The machine's own release where that is new enough, else the newest suite of the same mirror. */
async function findSuite(partial: string, product: Product, release: Release, options: FetchOptions): Promise<Suite> {
  const sources = machineSources();
  const architecture = (await run(['dpkg', '--print-architecture'])).stdout.trim();
  const attempts = [
    { suite: release.codename, from: ownSources(release, sources) },
    ...newestSources(release, sources).map((source) => ({ suite: newestSuite(release), from: [source] })),
  ];
  const refusals: string[] = [];
  for (const [index, { suite, from }] of attempts.entries()) {
    if (from.length === 0) continue;
    options.report({ text: `reading the package lists of ${release.id} ${suite} for ${TITLE[product]}` });
    const apt = new Apt(join(partial, `apt-${index}`), from, options.signal);
    try {
      await apt.update(architecture);
      const found = await newestRoots(apt, product);
      if (found !== undefined && isNewEnough(product, found.version)) return { apt, suite: `${release.id} ${suite}`, ...found };
      refusals.push(found === undefined ? `${suite} has none` : `${suite} has ${found.version}`);
    } catch (error) {
      options.signal?.throwIfAborted();
      if (!(error instanceof RunError) || saysDiskFull(error.output)) throw error;
      refusals.push(`${suite} could not be read (${error.message})`);
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

async function download(apt: Apt, packages: readonly Package[], what: string, { report }: FetchOptions): Promise<readonly string[]> {
  const totalBytes = packages.reduce((sum, { bytes }) => sum + bytes, 0);
  const tell = (doneBytes: number): void => report({ text: `fetching ${what}`, doneBytes, totalBytes });
  tell(0);
  const files = await apt.download(packages, tell);
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
