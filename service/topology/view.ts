import { quorum } from '../../common/members.ts';
import type { Observation } from './observation.ts';

/** Ages up to which something counts, in milliseconds. */
export const AGES = {
  /** An answer of a member, for {@link View.current}. */
  answer: 1000,
  /** What a replica last heard of its source, by its own clock. Heartbeats come twice a second. */
  heard: 2000,
} as const;

/** What is known of one member. */
export interface Known {
  readonly name: string;
  /** Its last answer; absent after a failed attempt, so that only members that answer count. */
  readonly last?: Observation;
}

/** Who is who. Names are members'. */
export interface View {
  /** The highest epoch ever seen. */
  readonly epoch: number;
  readonly primary?: string;
  readonly current: boolean;
  /** Members that may be read in place of the primary. */
  readonly replicas: readonly string[];
  /** Members that may be read while there is no primary. */
  readonly lastResort: readonly string[];
}

type Answered = Known & { readonly last: Observation };

/**
 * Concludes who is who.
 * @param known one entry per member of the cluster
 * @param epoch the highest epoch seen before; the result's is never lower
 * @param now milliseconds of the observations' clock
 */
export function view(known: readonly Known[], epoch: number, now: number): View {
  const answered = known.filter((one): one is Answered => one.last !== undefined);
  const highest = Math.max(epoch, ...answered.map(({ last }) => last.epoch?.number ?? 0));
  const primary = answered.find(({ last }) => isPrimary(last, highest));
  const lately = answered.filter(({ last }) => now - last.answeredAt <= AGES.answer);
  return {
    epoch: highest,
    ...(primary === undefined ? {} : { primary: primary.name }),
    current: primary !== undefined && lately.includes(primary) && lately.length >= quorum(known.length),
    replicas: primary === undefined ? [] : answered.filter(({ last }) => follows(last, primary.last, highest)).map(({ name }) => name),
    lastResort: answered.filter(({ last }) => followed(last, highest)).map(({ name }) => name),
  };
}

/** Writable, of the highest epoch, and the one that its epoch row names: a copy of the row on a writable member is not enough. */
const isPrimary = ({ writable, epoch, serverUuid }: Observation, highest: number): boolean =>
  writable && epoch !== undefined && epoch.number === highest && epoch.serverUuid === serverUuid;

function follows({ channel, epoch, writable }: Observation, primary: Observation, highest: number): boolean {
  if (writable || epoch?.number !== highest) return false;
  return channel?.works === true && channel.sourceUuid === primary.serverUuid && channel.silentMs !== undefined && channel.silentMs <= AGES.heard;
}

/**
 * It got the last known primary's epoch row by following it, whatever became of its channel since. An old primary has its
 * own; members are closed until they were compared.
 */
const followed = ({ writable, epoch, serverUuid }: Observation, highest: number): boolean =>
  !writable && epoch !== undefined && epoch.number === highest && epoch.serverUuid !== serverUuid;
