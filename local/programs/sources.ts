/** One package source of apt, in the form of deb822. */
export interface Source {
  readonly uris: readonly string[];
  readonly suites: readonly string[];
  readonly components: readonly string[];
  /** Other fields as they stand, such as `Signed-By`; a value may have several lines. */
  readonly options: Readonly<Record<string, string>>;
}

/** What os-release says of the distribution. */
export interface Release {
  /** `debian`, `ubuntu`, `linuxmint`… */
  readonly id: string;
  /** What it derives from, itself included. */
  readonly family: readonly string[];
  /** Code name of the Debian or Ubuntu release whose packages it uses; empty when unknown. */
  readonly codename: string;
}

/** Reads the text of `/etc/os-release`. */
export function parseRelease(text: string): Release {
  const fields = new Map<string, string>();
  for (const [, key = '', value = ''] of text.matchAll(/^([A-Z_]+)=(.*)$/gm)) fields.set(key, value.replace(/^(["'])(.*)\1$/, '$2'));
  const id = fields.get('ID') ?? '';
  const codename = fields.get('UBUNTU_CODENAME') ?? fields.get('DEBIAN_CODENAME') ?? fields.get('VERSION_CODENAME') ?? '';
  return { id, family: [id, ...(fields.get('ID_LIKE') ?? '').split(' ')].filter((name) => name !== ''), codename };
}

/** Reads a `.sources` file (deb822); entries that are switched off or have no binary packages are left out. */
export function parseDeb822(text: string): readonly Source[] {
  const withoutComments = text.replace(/^#.*\n?/gm, '');
  return withoutComments.split(/\n[ \t]*\n/).flatMap((stanza) => {
    const fields = new Map<string, string>();
    for (const [, name = '', value = ''] of stanza.matchAll(/^([A-Za-z-]+):[ \t]*(.*(?:\n[ \t].*)*)/gm)) fields.set(name.toLowerCase(), value.trimEnd());
    const words = (name: string): readonly string[] => (fields.get(name) ?? '').split(/\s+/).filter((word) => word !== '');
    if (!words('types').includes('deb') || fields.get('enabled')?.toLowerCase() === 'no') return [];
    const known = ['types', 'enabled', 'uris', 'suites', 'components'];
    const options = Object.fromEntries([...fields].filter(([name]) => !known.includes(name)).map(([name, value]) => [capitalised(name), value]));
    return [{ uris: words('uris'), suites: words('suites'), components: words('components'), options }];
  });
}

/** Reads `sources.list` and other files in its one-line form. */
export function parseOneLine(text: string): readonly Source[] {
  return text.split('\n').flatMap((line) => {
    const [, bracket = '', rest = ''] = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?([^#]*)/.exec(line) ?? [];
    const [uri, suite, ...components] = rest.split(/\s+/).filter((word) => word !== '');
    if (uri === undefined || suite === undefined) return [];
    const options = Object.fromEntries([...bracket.matchAll(/([a-z-]+)=(\S+)/gi)].map(([, name = '', value = '']) => [optionField(name), value.replaceAll(',', ' ')]));
    return [{ uris: [uri], suites: [suite], components, options }];
  });
}

const capitalised = (name: string): string => name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
const optionField = (name: string): string => ({ arch: 'Architectures', lang: 'Languages' })[name] ?? capitalised(name.toLowerCase());

const ROLLING = ['stable', 'testing', 'unstable', 'sid', 'devel'];
const isOwn = (release: Release, suite: string): boolean => suite === release.codename || ROLLING.includes(suite);

/** The sources of the machine's own release, its updates and its security fixes. Other projects' repositories are not asked. */
export function ownSources(release: Release, sources: readonly Source[]): readonly Source[] {
  return sources.flatMap((source) => {
    const suites = source.suites.filter((suite) => isOwn(release, suite.replace(/-(updates|security)$/, '')));
    return suites.length === 0 ? [] : [{ ...source, suites }];
  });
}

/** The suite that has the newest packages of a family. */
export const newestSuite = (release: Release): string => (release.family.includes('ubuntu') ? 'devel' : 'unstable');

/**
 * The newest suite on the very mirrors that the machine's own sources name.
 * @returns nothing when no source has the machine's release with a component `main`
 */
export function newestSources(release: Release, sources: readonly Source[]): readonly Source[] {
  return sources
    .filter(({ suites, components }) => components.includes('main') && suites.some((suite) => isOwn(release, suite)))
    .map((source) => ({ ...source, suites: [newestSuite(release)] }));
}

/** Writes sources as a `.sources` file. */
export function renderSources(sources: readonly Source[]): string {
  return sources
    .map(({ uris, suites, components, options }) =>
      [
        'Types: deb',
        `URIs: ${uris.join(' ')}`,
        `Suites: ${suites.join(' ')}`,
        ...(components.length === 0 ? [] : [`Components: ${components.join(' ')}`]),
        ...Object.entries(options).map(([name, value]) => `${name}: ${value}`),
        '',
      ].join('\n'),
    )
    .join('\n');
}
