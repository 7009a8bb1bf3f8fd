import { readFileSync, readdirSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import { usageProblem, USAGE_EXIT } from '../common/arguments.ts';
import { ConfigError } from '../common/config.ts';
import { checkFolder, emptyFolder } from './folder.ts';
import { settingsFrom, treeOf } from './settings.ts';
import type { Settings } from './settings.ts';
import { manifestsOf, writeManifests } from './synth.ts';
import { forbiddenChanges, manifestsIn } from './unchangeable.ts';

const USAGE = `npm run synth -- [--settings FILE] [--set PATH=VALUE]… [--out FOLDER]
  --settings FILE   YAML with the settings that differ from the defaults (charts-ts/settings.ts)
  --set PATH=VALUE  one setting, such as edge.cacheSeconds=5; goes before those of the file
  --out FOLDER      where the manifests are written, instead of dist: a new folder, or one that holds
                    nothing but manifests that this wrote earlier, which are removed first
`;

/** npm changes into the checkout; people mean the folder that they are in. */
const HERE = process.env['INIT_CWD'] ?? process.cwd();

const OPTIONS = { settings: { type: 'string' }, set: { type: 'string', multiple: true }, out: { type: 'string' }, help: { type: 'boolean' } } as const;

interface Order {
  readonly settings: Settings;
  readonly folder: string;
}

function readOrder(args: readonly string[]): Order | undefined {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  if (values.help === true) return undefined;
  const file = values.settings === undefined ? [] : [readSettings(values.settings)];
  return { settings: settingsFrom([...file, ...(values.set ?? []).map(readAssignment)]), folder: values.out === undefined ? resolve('dist') : resolve(HERE, values.out) };
}

function readSettings(path: string): unknown {
  try {
    return (parse(readFileSync(resolve(HERE, path), 'utf8')) as unknown) ?? {};
  } catch (cause) {
    throw new ConfigError([`${path} cannot be read as YAML: ${(cause as Error).message}`]);
  }
}

function readAssignment(text: string): unknown {
  const at = text.indexOf('=');
  if (at < 1) throw new ConfigError([`--set ${text}: expected PATH=VALUE, such as edge.cacheSeconds=5`]);
  try {
    return treeOf(text.slice(0, at), parse(text.slice(at + 1)));
  } catch (cause) {
    throw new ConfigError([`--set ${text}: what follows = cannot be read as YAML: ${(cause as Error).message.split('\n', 1)[0] ?? ''}`]);
  }
}

function write({ settings, folder }: Order): void {
  checkFolder(folder);
  const forbidden = forbiddenChanges(manifestsIn(folder), Object.values(manifestsOf(settings)).flat());
  if (forbidden.length > 0) throw new ConfigError([...forbidden, `${folder} was written with other values: set those again, or, when it was never applied or its installation has been removed, remove that folder`]);
  emptyFolder(folder);
  writeManifests(settings, folder);
  process.stdout.write(`${folder}: ${readdirSync(folder).length} files for the namespace ${settings.namespace}. Next: kubectl apply -f ${relative(HERE, folder) || '.'}/\n`);
}

try {
  const order = readOrder(process.argv.slice(2));
  if (order === undefined) process.stdout.write(USAGE);
  else write(order);
} catch (error) {
  const usage = usageProblem(error, 'npm run synth');
  process.stderr.write(`${usage ?? (error as Error).message}\n`);
  process.exitCode = usage !== undefined ? USAGE_EXIT : error instanceof ConfigError ? 78 : 1;
}
