import { Ajv } from 'ajv';
import type { ErrorObject } from 'ajv';
import { Type } from '@sinclair/typebox';
import type { Static, TObject, TProperties, TSchema } from '@sinclair/typebox';
import { ConfigError } from '../common/config.ts';
import { COUNTS, DEFAULT_NAMESPACE } from '../common/kubernetes.ts';

const section = <P extends TProperties>(properties: P): TObject<P> => Type.Object(properties, { additionalProperties: false });
const quantity = (pattern: string, example: string): TSchema => Type.Unsafe<string>({ type: 'string', pattern, errorMessage: `a quantity such as ${example}` });
const memory = quantity('^[1-9][0-9]*(Mi|Gi)$', '512Mi') as ReturnType<typeof Type.Unsafe<string>>;
const size = quantity('^[1-9][0-9]*(Mi|Gi|Ti)$', '2Gi') as ReturnType<typeof Type.Unsafe<string>>;
const cpu = quantity('^([1-9][0-9]*m|[0-9]+(\\.[0-9]+)?)$', '100m') as ReturnType<typeof Type.Unsafe<string>>;
const image = Type.String({ pattern: '^[a-z0-9][a-z0-9._/:-]*(:[A-Za-z0-9._-]+|@sha256:[0-9a-f]{64})$', errorMessage: 'an image with a tag or digest' });
const port = Type.Integer({ minimum: 1, maximum: 65_535 });

/** What a container asks for. Its memory is also its limit; CPU has none, since a throttled operator would lose its lease. */
const resources = section({ cpu, memory });
const storage = section({
  size,
  /** Name of a StorageClass; empty: the cluster's default. */
  class: Type.String({ pattern: '^([a-z0-9][a-z0-9.-]*)?$', errorMessage: 'the name of a StorageClass, or nothing for the default one' }),
});

const SETTINGS = section({
  namespace: Type.String({ pattern: '^[a-z0-9]([-a-z0-9]{0,40}[a-z0-9])?$', errorMessage: 'a DNS label of at most 42 characters' }),
  images: section({ holdfast: image, mysql: image, redis: image, nginx: image }),
  imagePullPolicy: Type.Union([Type.Literal('IfNotPresent'), Type.Literal('Always')]),
  mysql: section({
    /** N. Fixed for now: members that join or leave would change who may acknowledge. */
    members: Type.Literal(COUNTS.mysql),
    storage,
    /** InnoDB's cache of pages, MiB. */
    bufferPoolMiB: Type.Integer({ minimum: 32, maximum: 1_048_576 }),
    /** 1: acknowledged writes also survive a power cut of all nodes at once, at a sixth of the write rate. */
    syncRelayLog: Type.Integer({ minimum: 0, maximum: 4_294_967_295 }),
    resources,
  }),
  redis: section({
    servers: Type.Literal(COUNTS.redis),
    /** For what the Sentinel remembers: some kilobytes. */
    storage,
    /** Largest size of the cache, MiB. */
    maxMemoryMiB: Type.Integer({ minimum: 8, maximum: 1_048_576 }),
    resources,
    sentinelResources: resources,
  }),
  web: section({
    /** At the first apply; afterwards the number is a person's own (`kubectl scale`). */
    replicas: Type.Integer({ minimum: 2, maximum: 100 }),
    resources,
  }),
  edge: section({
    /** As for web. With a NodePort: at most one per node that has the label. */
    replicas: Type.Integer({ minimum: 2, maximum: 100 }),
    /** Seconds for which nginx answers a GET from its own cache; 0: never. */
    cacheSeconds: Type.Integer({ minimum: 0, maximum: 3600 }),
    service: Type.Union([Type.Literal('NodePort'), Type.Literal('LoadBalancer')]),
    /** The port on the nodes, for a NodePort. */
    nodePort: Type.Integer({ minimum: 30_000, maximum: 32_767 }),
    /** Under which ports of this machine kind publishes the edges' nodes, in their order. */
    hostPorts: Type.Array(port, { minItems: 1, maxItems: 9, uniqueItems: true }),
    resources,
  }),
  operator: section({ replicas: Type.Integer({ minimum: 1, maximum: 5 }), resources }),
});

/** All that can be set about the manifests. */
export type Settings = Static<typeof SETTINGS>;

/** What stands where nothing is set. */
export const DEFAULTS: Settings = {
  namespace: DEFAULT_NAMESPACE,
  images: { holdfast: 'holdfast:dev', mysql: 'mysql:9.7', redis: 'redis:8', nginx: 'nginx:1.30' },
  imagePullPolicy: 'IfNotPresent',
  mysql: { members: COUNTS.mysql, storage: { size: '2Gi', class: '' }, bufferPoolMiB: 128, syncRelayLog: 10_000, resources: { cpu: '100m', memory: '768Mi' } },
  redis: {
    servers: COUNTS.redis, storage: { size: '64Mi', class: '' }, maxMemoryMiB: 64,
    resources: { cpu: '50m', memory: '192Mi' }, sentinelResources: { cpu: '20m', memory: '64Mi' },
  },
  web: { replicas: 3, resources: { cpu: '100m', memory: '320Mi' } },
  edge: { replicas: 2, cacheSeconds: 1, service: 'NodePort', nodePort: 30_080, hostPorts: [8000, 8001], resources: { cpu: '50m', memory: '128Mi' } },
  operator: { replicas: 2, resources: { cpu: '50m', memory: '256Mi' } },
};

type Tree = { [key: string]: unknown };

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Later ones win, section by section. */
function merge(base: unknown, over: unknown): unknown {
  if (!isTree(base) || !isTree(over)) return over;
  const changed = Object.entries(over).map(([key, value]) => [key, Object.hasOwn(base, key) ? merge(base[key], value) : value] as const);
  return Object.fromEntries([...Object.entries(base), ...changed]);
}

/** `a.b` and a value as the tree `{a: {b: value}}`. */
export const treeOf = (path: string, value: unknown): unknown => path.split('.').toReversed().reduce((inner, key) => ({ [key]: inner }), value);

/**
 * Lays trees over the defaults and checks the whole.
 * @param layers later ones win, such as a settings file and single values of the command line
 * @throws ConfigError that names every wrong value by its path
 */
export function settingsFrom(layers: readonly unknown[]): Settings {
  const notTrees = layers.filter((layer) => !isTree(layer));
  if (notTrees.length > 0) throw new ConfigError(notTrees.map((layer) => `expected settings by name, not ${JSON.stringify(layer)}`));
  const merged = layers.reduce(merge, DEFAULTS);
  const validate = new Ajv({ allErrors: true, verbose: true, keywords: ['errorMessage'] }).compile<Settings>(SETTINGS);
  if (!validate(merged)) throw new ConfigError([...new Set((validate.errors ?? []).flatMap(problem))]);
  const together = between(merged);
  if (together.length > 0) throw new ConfigError(together);
  return merged;
}

/** What may not be changed for now, and what it counts. */
const FIXED: Readonly<Record<string, string>> = { 'mysql.members': 'members', 'redis.servers': 'servers' };

/** @returns nothing for what another line says already */
function problem({ instancePath, keyword, params, message, data, schema, parentSchema }: ErrorObject): readonly string[] {
  const path = instancePath.slice(1).replaceAll('/', '.');
  const { errorMessage, anyOf } = (parentSchema ?? {}) as { readonly errorMessage?: string; readonly anyOf?: readonly { readonly const?: string }[] };
  if (keyword === 'additionalProperties') return [`${path === '' ? '' : `${path}.`}${String(params['additionalProperty'])}: there is no such setting`];
  if (keyword === 'const') return FIXED[path] === undefined ? [] : [`${path}: ${JSON.stringify(data)} is not possible for now: only ${String(schema)} ${FIXED[path]} are supported`];
  const words = errorMessage ?? anyOf?.map((one) => one.const).join(' or ');
  return [`${path}: ${JSON.stringify(data)} is not valid: ${words === undefined ? (message ?? keyword) : `expected ${words}`}`];
}

const mebibytes = (text: string): number => Number(text.slice(0, -2)) * (text.endsWith('Gi') ? 1024 : 1);

/** What one mysqld of this project takes beside its cache of pages, MiB: 293 MB measured, and room for 300 connections. */
const MYSQLD_MIB = 450;
/** What Redis takes beside its data, MiB: buffers to replicas and clients, and the copy that a full resync makes. */
const REDIS_MIB = 64;

/** Namespaces of the cluster itself: what is laid over this one, and its removal, would be those of everything in it. */
const OF_THE_CLUSTER = /^(?:default|kube-.*)$/;

/** Rules between settings. */
function between({ namespace, mysql, redis, edge }: Settings): readonly string[] {
  const problems: string[] = [];
  if (OF_THE_CLUSTER.test(namespace)) problems.push(`namespace: "${namespace}" is the cluster's own, and would be closed off, and removed, with everything in it: name one for this installation alone`);
  const room = mebibytes(mysql.resources.memory) - MYSQLD_MIB;
  if (mysql.bufferPoolMiB > room) problems.push(`mysql.bufferPoolMiB: ${mysql.bufferPoolMiB} does not fit into mysql.resources.memory (${mysql.resources.memory}), which mysqld needs ${MYSQLD_MIB} MiB of: set at most ${room}, or more memory`);
  if (redis.maxMemoryMiB + REDIS_MIB > mebibytes(redis.resources.memory)) problems.push(`redis.maxMemoryMiB: ${redis.maxMemoryMiB} does not fit into redis.resources.memory (${redis.resources.memory}) with ${REDIS_MIB} MiB to spare`);
  if (edge.service === 'NodePort' && edge.hostPorts.length > edge.replicas) problems.push(`edge.hostPorts: ${edge.hostPorts.length} ports, but only ${edge.replicas} edges`);
  return problems;
}
