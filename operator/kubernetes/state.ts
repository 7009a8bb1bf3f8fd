import { ANNOTATIONS, APP, LABELS, STATE_CONFIG_MAP, WORKLOADS } from '../../common/kubernetes.ts';
import { hasStatus } from './api.ts';
import type { Api } from './api.ts';
import type { List, Meta } from './objects.ts';
import type { Paths } from './paths.ts';

const NOT_FOUND = 404;
const YES = 'yes';

interface ConfigMap {
  readonly data?: Readonly<Record<string, string>>;
}

interface Claim {
  readonly metadata: Meta;
}

/**
 * What the operator keeps in Kubernetes: the mark that the cluster has had data, in a ConfigMap and on the volumes' claims
 * (either alone is enough: who deletes one begins no new cluster by it), and for people what it sees.
 */
export class State {
  readonly #api: Api;
  readonly #paths: Paths;
  #initialised: boolean | undefined;
  #shown = '';

  constructor(api: Api, paths: Paths) {
    this.#api = api;
    this.#paths = paths;
  }

  /** Whether the mark was found; it is never taken away again. While it was not, another operator may set it at any time. */
  get certain(): boolean {
    return this.#initialised === true;
  }

  /** Whether the cluster has ever had data; as long as nobody knows, it has. */
  get initialised(): boolean {
    return this.#initialised ?? true;
  }

  /**
   * Reads the mark, unless it is known to be there.
   * @throws ApiError
   */
  async load(): Promise<boolean> {
    if (this.#initialised === true) return true;
    const [map, claims] = await Promise.all([this.#readMap(), this.#claims()]);
    this.#initialised = map?.data?.['initialised'] === YES || claims.some(isMarked);
    return this.#initialised;
  }

  /**
   * Sets the mark.
   * @throws ApiError when one of its places cannot be written
   */
  async markInitialised(): Promise<void> {
    await this.#write({ initialised: YES });
    await this.#markClaims();
    this.#initialised = true;
  }

  /** Sets the mark again where it is missing, such as on the claim of a member that was replaced. @throws ApiError */
  async keepMark(): Promise<void> {
    if (this.#initialised !== true) return;
    await this.#markClaims();
    if ((await this.#readMap())?.data?.['initialised'] !== YES) {
      this.#shown = '';
      await this.#write({ initialised: YES });
    }
  }

  /** Shows people what is; writes only what changed. @throws ApiError */
  async show(data: Readonly<Record<string, string>>): Promise<void> {
    const text = JSON.stringify(data);
    if (text === this.#shown) return;
    await this.#write(data);
    this.#shown = text;
  }

  async #readMap(): Promise<ConfigMap | undefined> {
    try {
      return await this.#api.call<ConfigMap>({ verb: 'get', path: this.#paths.configMaps(STATE_CONFIG_MAP) });
    } catch (error) {
      if (hasStatus(error, NOT_FOUND)) return undefined;
      throw error;
    }
  }

  async #write(data: Readonly<Record<string, string>>): Promise<void> {
    try {
      await this.#api.call({ verb: 'patch', path: this.#paths.configMaps(STATE_CONFIG_MAP), body: { data } });
    } catch (error) {
      if (!hasStatus(error, NOT_FOUND)) throw error;
      await this.#api.call({ verb: 'create', path: this.#paths.configMaps(), body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: STATE_CONFIG_MAP, labels: { [LABELS.name]: APP } }, data } });
    }
  }

  async #claims(): Promise<readonly Claim[]> {
    const selector = encodeURIComponent(`${LABELS.name}=${APP},${LABELS.component}=${WORKLOADS.mysql}`);
    return (await this.#api.call<List<Claim>>({ verb: 'get', path: `${this.#paths.claims()}?labelSelector=${selector}` })).items;
  }

  async #markClaims(): Promise<void> {
    const unmarked = (await this.#claims()).filter((claim) => !isMarked(claim));
    await Promise.all(unmarked.map(({ metadata }) => this.#api.call({ verb: 'patch', path: this.#paths.claims(metadata.name), body: { metadata: { annotations: { [ANNOTATIONS.initialised]: YES } } } })));
  }
}

const isMarked = ({ metadata }: Claim): boolean => metadata.annotations?.[ANNOTATIONS.initialised] === YES;
