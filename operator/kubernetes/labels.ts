import { LABELS } from '../../common/kubernetes.ts';
import type { ClusterObservation } from '../decide/observation.ts';
import { whyRejoin } from '../decide/repair.ts';
import { servingPrimary } from '../decide/roles.ts';
import type { Pod } from './objects.ts';
import { withdrawn } from './withdrawal.ts';
import type { ProbedPod } from './withdrawal.ts';

/** Labels that a pod should have; null: should not. */
export type Labels = Readonly<Record<string, string | null>>;

/** Labels of a layer over HTTP. Who leaves the web gets no new requests: its Service publishes pods that are not ready, too. */
export function layerLabels(layer: readonly ProbedPod[], leavers: 'are withdrawn' | 'stay'): ReadonlyMap<string, Labels> {
  const out = withdrawn(layer);
  return new Map(layer.map(({ name, leaving }) => [name, inService(!out.has(name) && !(leaving && leavers === 'are withdrawn'))]));
}

/**
 * Labels of the members' pods. Roles follow the primary that serves; while there is none they stay, as nobody could use
 * them. A member that does not answer keeps its role and is out of service.
 * @param members how long each has been silent, by the operator's own questions
 */
export function memberLabels(observation: ClusterObservation, members: readonly ProbedPod[]): ReadonlyMap<string, Labels> {
  const primary = servingPrimary(observation.members);
  const out = withdrawn(members);
  return new Map(observation.members.map((member) => {
    const service = inService(!out.has(member.name));
    if (primary === undefined) return [member.name, service];
    if (member.name === primary.name) return [member.name, { ...service, [LABELS.role]: 'primary' }];
    if (member.contact.kind !== 'answers' || member.status === undefined) return [member.name, service];
    const good = member.work === undefined && whyRejoin({ ...member, status: member.status }, primary) === undefined;
    return [member.name, { ...service, [LABELS.role]: good ? 'replica' : null }];
  }));
}

const inService = (is: boolean): Labels => ({ [LABELS.inService]: is ? 'yes' : 'no' });

/** Of the wanted labels, those that the pod has otherwise; undefined when none. A second primary loses that label in any case. */
export function difference({ metadata }: Pod, wanted: Labels, primary: string | undefined): Labels | undefined {
  const stale = primary !== undefined && metadata.name !== primary && metadata.labels?.[LABELS.role] === 'primary' && !(LABELS.role in wanted);
  const all: Labels = stale ? { ...wanted, [LABELS.role]: null } : wanted;
  const differing = Object.entries(all).filter(([key, value]) => (metadata.labels?.[key] ?? null) !== value);
  return differing.length === 0 ? undefined : Object.fromEntries(differing);
}
