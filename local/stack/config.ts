import { ConfigError, environment, integer, port, readConfig } from '../../common/config.ts';

/** Ports above the base port that the stack takes, at most. */
export const PORT_SPAN = 90;

const SETTINGS = {
  httpPort: { variable: 'PORT', parse: port, meaning: 'port of the service, 1 to 65535', fallback: 8000 },
  basePort: {
    variable: 'HOLDFAST_BASE_PORT',
    parse: integer({ min: 1024, max: 65_535 - PORT_SPAN }),
    meaning: `first of the ${PORT_SPAN} ports for everything else`,
    fallback: 18_000,
  },
  edgeCacheSeconds: {
    variable: 'EDGE_CACHE_SECONDS',
    parse: integer({ min: 0, max: 3600 }),
    meaning: 'seconds for which nginx answers a GET from its own cache, 0 for never',
    fallback: 1,
  },
  linkPort: { variable: 'HOLDFAST_LINK_PORT', parse: port, meaning: 'base port of the links that a drill can cut, each as far from it as its server from HOLDFAST_BASE_PORT', fallback: undefined },
} as const;

/** Settings of the local stack itself; the programs that it starts read their own. */
export interface LocalConfig {
  readonly httpPort: number;
  readonly basePort: number;
  readonly edgeCacheSeconds: number;
  /**
   * Base port of links to the servers, which whoever set it forwards: replicas then reach their source over them, the
   * operator the members, web-0 members and Redis, and nginx the Koa processes. Undefined: all reach each other directly.
   */
  readonly linkPort?: number | undefined;
}

/**
 * Reads the settings from the environment and `.env`.
 * @throws ConfigError that names every wrong one
 */
export function localConfig(env: Readonly<Record<string, string | undefined>> = environment()): LocalConfig {
  const config = readConfig(SETTINGS, env);
  const { httpPort, basePort } = config;
  if (httpPort >= basePort && httpPort < basePort + PORT_SPAN) {
    throw new ConfigError([`PORT: ${httpPort} is one of the ports from HOLDFAST_BASE_PORT on (${basePort} to ${basePort + PORT_SPAN - 1}): choose another for one of the two.`]);
  }
  return config;
}
