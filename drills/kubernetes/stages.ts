import type { Common, Stages } from '../stages.ts';
import { Cluster, type ClusterOptions } from './cluster/cluster.ts';
import type { ClusterStage } from './stage.ts';

/** The stack that is installed in a namespace of the current context: it is left as it was found. */
export function clusterStages(options: ClusterOptions, common: Common): Stages<ClusterStage> {
  let found: Cluster | undefined;
  return {
    stageFor: async () => {
      found ??= await Cluster.find(options, common.signal);
      return { ...common, own: null, stack: found };
    },
    went: () => undefined,
    end: () => {
      found?.close();
      return Promise.resolve();
    },
  };
}
