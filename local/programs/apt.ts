import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, RunError } from './run.ts';
import { renderSources } from './sources.ts';
import type { Source } from './sources.ts';
import { upstreamVersion } from './version.ts';

/** A package to fetch. */
export interface Package {
  readonly name: string;
  /** As Debian writes it, with epoch and revision. */
  readonly version: string;
  /** Size of the packed file. */
  readonly bytes: number;
}

/**
 * apt with package lists, cache and state of its own below one folder: needs no root, sees nothing as installed, and
 * leaves the system's lists alone. Proxies, keys and credentials are the system's.
 */
export class Apt {
  readonly #folder: string;
  readonly #signal: AbortSignal | undefined;

  /**
   * @param folder empty or missing; the caller removes it
   * @param sources where packages come from
   */
  constructor(folder: string, sources: readonly Source[], signal: AbortSignal | undefined) {
    this.#folder = folder;
    this.#signal = signal;
    for (const name of ['state/lists/partial', 'cache/archives/partial', 'sources']) mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, 'status'), '');
    writeFileSync(join(folder, 'sources', 'mirror.sources'), renderSources(sources));
  }

  /**
   * Reads the package lists.
   * @throws RunError when no source could be read
   */
  async update(architecture: string): Promise<void> {
    writeFileSync(join(this.#folder, 'apt.conf'), settings(this.#folder, architecture));
    await this.#apt('apt-get', ['update', '--error-on=any']);
  }

  /**
   * The newest of the packages whose names match.
   * @param pattern an extended regular expression
   */
  async newest(pattern: string): Promise<{ readonly name: string; readonly version: string } | undefined> {
    const names = (await this.#apt('apt-cache', ['--names-only', 'search', pattern])).split('\n').map((line) => line.split(' ')[0] ?? '');
    const found: { name: string; version: string }[] = [];
    for (const name of names.filter((name) => name !== '')) {
      const candidate = /^\s*Candidate: (\S+)$/m.exec(await this.#apt('apt-cache', ['policy', name]))?.[1];
      if (candidate !== undefined && candidate !== '(none)') found.push({ name, version: upstreamVersion(candidate) });
    }
    return found.toSorted((a, b) => b.version.localeCompare(a.version, 'en', { numeric: true }))[0];
  }

  /** All that must be installed for the named packages, those included, recommendations not. */
  async closure(names: readonly string[]): Promise<readonly Package[]> {
    return parsePrintUris(await this.#apt('apt-get', ['install', '--no-install-recommends', '--yes', '--print-uris', ...names]));
  }

  /**
   * Fetches packages; apt checks them against the signed lists.
   * @param folder gets the files; made when missing
   * @param report called now and then with the bytes that are there
   * @returns paths of the files
   */
  async download(packages: readonly Package[], folder: string, report: (bytes: number) => void): Promise<readonly string[]> {
    mkdirSync(folder, { recursive: true });
    const timer = setInterval(() => report(bytesIn(folder)), 250);
    try {
      await this.#apt('apt-get', ['download', ...packages.map(({ name, version }) => `${name}=${version}`)], folder);
    } finally {
      clearInterval(timer);
    }
    const files = readdirSync(folder).filter((name) => name.endsWith('.deb'));
    if (files.length !== packages.length) throw new RunError(`apt-get download left ${files.length} of ${packages.length} packages`, '');
    return files.map((name) => join(folder, name));
  }

  async #apt(program: string, args: readonly string[], cwd = this.#folder): Promise<string> {
    const signal = this.#signal === undefined ? {} : { signal: this.#signal };
    return (await run([program, '-qq', '-c', join(this.#folder, 'apt.conf'), ...args], { cwd, ...signal })).stdout;
  }
}

/** Reads lines such as `'http://m/x_1%3a2-3_amd64.deb' x_1%3a2-3_amd64.deb 123 SHA256:…`. */
export function parsePrintUris(text: string): readonly Package[] {
  return [...text.matchAll(/^'\S+' ([^_\s]+)_([^_\s]+)_\S+\.deb (\d+) /gm)].map(([, name = '', version = '', bytes = '']) => ({
    name,
    version: decodeURIComponent(version),
    bytes: Number(bytes),
  }));
}

const bytesIn = (folder: string): number =>
  readdirSync(folder).reduce((sum, name) => sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0), 0);

/** Without its own `Sandbox::User`, apt run by root warns that `_apt` may not write here. */
const settings = (folder: string, architecture: string): string => `
#clear APT::Architectures;
APT::Architectures { "${architecture}"; };
Dir::State "${folder}/state";
Dir::State::status "${folder}/status";
Dir::Cache "${folder}/cache";
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "${folder}/sources";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
APT::Sandbox::User "root";
APT::Default-Release "";
APT::Install-Suggests "false";
Acquire::Languages "none";
Acquire::Retries "3";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Acquire::IndexTargets::deb::DEP-11-icons::DefaultEnabled "false";
Acquire::IndexTargets::deb::DEP-11-icons-small::DefaultEnabled "false";
Acquire::IndexTargets::deb::DEP-11-icons-hidpi::DefaultEnabled "false";
Acquire::IndexTargets::deb::CNF::DefaultEnabled "false";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Post-Invoke;
`;
