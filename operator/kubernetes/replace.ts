import { ANNOTATIONS } from '../../common/kubernetes.ts';
import { quorum } from '../../common/members.ts';
import { answering } from '../decide/observation.ts';
import type { ClusterObservation } from '../decide/observation.ts';
import { counts } from '../decide/quorum.ts';
import { holderOf, servingPrimary } from '../decide/roles.ts';
import { hasStatus } from './api.ts';
import type { Api } from './api.ts';
import type { Pod } from './objects.ts';
import type { Paths } from './paths.ts';

const NOT_FOUND = 404;

/** Whether a pod and its data may be given up. */
export type ReplaceVerdict = { readonly kind: 'may' } | { readonly kind: 'not'; readonly reason: string };

/** Whether a person has said that the pod's node never comes back. */
export const isGivenUp = ({ metadata }: Pod): boolean => metadata.annotations?.[ANNOTATIONS.replace] === 'yes';

/**
 * A person knows that the node is gone for good; what the others have is seen here: a primary serves, N − A members that
 * count answer, and the one to be replaced is none of them.
 */
export function mayReplace({ members }: ClusterObservation, name: string): ReplaceVerdict {
  const not = (reason: string): ReplaceVerdict => ({ kind: 'not', reason: `${name} is not replaced, though its pod is annotated so: ${reason}` });
  const primary = servingPrimary(members);
  const there = answering(members);
  const good = there.filter(counts).length;
  if (there.some((member) => member.name === name)) return not('it answers, so its node is there');
  if (primary === undefined) return not('there is no primary that serves');
  if (holderOf(members).holder?.name === name) return not('it is the last primary');
  if (good < quorum(members.length)) return not(`${quorum(members.length)} other members must have everything, and ${good} do`);
  return { kind: 'may' };
}

/**
 * Removes the pod's claims, then the pod itself without waiting for its node: the workload makes both anew. The claims
 * first, since they go only with the pod, and the next pod must not find them.
 * @throws ApiError
 */
export async function replacePod(api: Api, paths: Paths, { metadata, spec }: Pod): Promise<void> {
  const claims = (spec?.volumes ?? []).flatMap(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? []);
  for (const claim of claims) await remove(api, paths.claims(claim), {});
  await remove(api, paths.pods(metadata.name), { gracePeriodSeconds: 0, preconditions: { uid: metadata.uid } });
}

async function remove(api: Api, path: string, options: Readonly<Record<string, unknown>>): Promise<void> {
  try {
    await api.call({ verb: 'delete', path, body: { apiVersion: 'v1', kind: 'DeleteOptions', ...options } });
  } catch (error) {
    if (!hasStatus(error, NOT_FOUND)) throw error;
  }
}
