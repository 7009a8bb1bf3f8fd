import { App, Chart, YamlOutputType } from 'cdk8s';
import { addEdge, addEdgeSettings } from './components/edge.ts';
import { addMysql, addMysqlSettings } from './components/mysql.ts';
import { addNamespace, addPriorities, addSecret } from './components/namespace.ts';
import { addOperator, addOperatorAccount } from './components/operator.ts';
import { addRedis, addRedisSettings } from './components/redis.ts';
import { addWeb } from './components/web.ts';
import { CONNECTIONS } from './network/allowed.ts';
import { policiesFor } from './network/policies.ts';
import { add } from './objects.ts';
import type { Settings } from './settings.ts';

/** A file of manifests. */
interface File {
  /** Without its ending. They are applied in the order of their names. */
  readonly name: string;
  readonly parts: readonly ((chart: Chart, settings: Settings) => void)[];
}

function addPolicies(chart: Chart, { namespace }: Settings): void {
  for (const policy of policiesFor(namespace, CONNECTIONS)) add(chart, policy);
}

const FILES: readonly File[] = [
  { name: '00-namespace', parts: [addNamespace, addPriorities] },
  { name: '10-accounts', parts: [addOperatorAccount] },
  { name: '20-settings', parts: [addSecret, addMysqlSettings, addRedisSettings, addEdgeSettings] },
  { name: '30-network', parts: [addPolicies] },
  // First: it makes the passwords that the others wait for.
  { name: '40-operator', parts: [addOperator] },
  { name: '50-mysql', parts: [addMysql] },
  { name: '60-redis', parts: [addRedis] },
  { name: '70-web', parts: [addWeb] },
  { name: '80-edge', parts: [addEdge] },
];

const ENDING = '.yaml';

function appOf(settings: Settings, outdir?: string): App {
  const app = new App({ ...(outdir === undefined ? {} : { outdir }), outputFileExtension: ENDING, yamlOutputType: YamlOutputType.FILE_PER_CHART });
  for (const { name, parts } of FILES) {
    const chart = new Chart(app, name, { disableResourceNameHashes: true });
    for (const part of parts) part(chart, settings);
  }
  return app;
}

/** All objects, file by file, as plain JSON. */
export const manifestsOf = (settings: Settings): Readonly<Record<string, readonly unknown[]>> =>
  Object.fromEntries(appOf(settings).charts.map((chart) => [`${chart.node.id}${ENDING}`, chart.toJson() as unknown[]]));

/** Writes all files into a folder that is there. */
export const writeManifests = (settings: Settings, folder: string): void => appOf(settings, folder).synth();
