import { ANNOTATIONS, WORKLOADS } from '../../common/kubernetes.ts';
import { hasStatus } from './api.ts';
import type { Api } from './api.ts';
import type { Meta } from './objects.ts';
import type { Paths } from './paths.ts';

const [NOT_FOUND, CONFLICT] = [404, 409];

interface Deployment {
  readonly metadata: Meta;
}

/** What a Deployment is to be scaled to now; undefined when that was done, or was not asked for. */
export function initialScale({ metadata: { annotations = {} } }: Deployment): number | undefined {
  const replicas = Number(annotations[ANNOTATIONS.initialReplicas]);
  return annotations[ANNOTATIONS.scaled] === undefined && Number.isInteger(replicas) && replicas >= 0 ? replicas : undefined;
}

/**
 * Gives web and edge their first number of pods. The manifests name none, so that applying them again leaves the number
 * that a person has set.
 * @throws ApiError
 */
export async function scaleOnce(api: Api, paths: Paths): Promise<void> {
  await Promise.all([WORKLOADS.web, WORKLOADS.edge].map(async (name) => {
    try {
      const deployment = await api.call<Deployment>({ verb: 'get', path: paths.deployments(name) });
      const replicas = initialScale(deployment);
      if (replicas === undefined) return;
      const metadata = { resourceVersion: deployment.metadata.resourceVersion, annotations: { [ANNOTATIONS.scaled]: 'yes' } };
      await api.call({ verb: 'patch', path: paths.deployments(name), body: { metadata, spec: { replicas } } });
    } catch (error) {
      // Not there yet, or its controller was faster: the next round does it.
      if (!hasStatus(error, NOT_FOUND) && !hasStatus(error, CONFLICT)) throw error;
    }
  }));
}
