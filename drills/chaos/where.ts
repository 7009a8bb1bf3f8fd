import { CLUSTER_SCENARIOS } from '../kubernetes/scenarios.ts';
import type { ClusterStage } from '../kubernetes/stage.ts';
import { SCENARIOS } from '../scenarios.ts';
import type { Calm, Scenario } from '../scenario.ts';
import type { Kind } from './faults.ts';

/** Any drill that takes a stack with links, which chaos needs too. */
export const LINKED: Scenario | undefined = SCENARIOS.find(({ needs }) => needs === 'links');

/** More faults in the same time than drills by themselves have. */
export const CHAOS_CALM: Calm = { beforeMs: 2000, afterMs: 3000 };

/** Time to full health after a single fault, in milliseconds: a clone and its restart, on machines with other things to do. */
export const LOCAL_HEAL_MS = 90_000;

/** The same where a pod may have to be scheduled and its image checked first. */
export const CLUSTER_HEAL_MS = 240_000;

/** The single faults of a cluster that need nothing but kubectl: one process, or one pod. */
export const clusterKinds = (): readonly Kind<ClusterStage>[] =>
  CLUSTER_SCENARIOS.filter(({ name }) => name.startsWith('pod-') || name.startsWith('container-')).map(({ name, fault, bounds }) => () => ({ name, fault, failures: bounds.failures }));
