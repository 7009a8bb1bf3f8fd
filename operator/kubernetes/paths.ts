/** Paths of the API server for one namespace; each names a resource, or one object of it. */
export const pathsOf = (namespace: string): Paths => {
  const core = `/api/v1/namespaces/${namespace}`;
  const named = (base: string) => (name?: string): string => (name === undefined ? base : `${base}/${name}`);
  return {
    pods: named(`${core}/pods`),
    secrets: named(`${core}/secrets`),
    configMaps: named(`${core}/configmaps`),
    claims: named(`${core}/persistentvolumeclaims`),
    events: named(`${core}/events`),
    leases: named(`/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`),
    deployments: named(`/apis/apps/v1/namespaces/${namespace}/deployments`),
    statefulSets: named(`/apis/apps/v1/namespaces/${namespace}/statefulsets`),
  };
};

/** See {@link pathsOf}. */
export type Paths = Readonly<Record<'pods' | 'secrets' | 'configMaps' | 'claims' | 'events' | 'leases' | 'deployments' | 'statefulSets', (name?: string) => string>>;
