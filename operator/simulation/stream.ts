import type { GtidBag } from './gtids.ts';
import type { Mysqld } from './mysqld.ts';
import type { Way } from './network.ts';

/** SOURCE_HEARTBEAT_PERIOD as the operator sets it, ms. */
const HEARTBEAT_MS = 500;

/** One connection of a replica's receiver, seen from both ends. */
export interface Stream {
  readonly replica: Mysqld;
  readonly source: Mysqld;
  readonly down: Way;
  readonly up: Way;
  /** How far the source has sent its binlog. */
  sent: number;
  /** The place in the source's binlog of what came last into the replica's relay log. */
  received: number;
  /** The source's end is open. */
  sending: boolean;
  readonly connectedAt: number;
  /** What the replica had when it connected: never sent to it. */
  readonly had: GtidBag;
}

/** When the last heartbeat came: they come as long as the source runs and nothing is cut. */
export function lastHeartbeat({ source, replica, connectedAt }: Stream, now: number): number {
  const stops = [source.process.pausedAt, replica.world.network.cutSince(source.member.index, replica.member.index)];
  const until = Math.min(now, ...stops.filter((at) => at !== undefined));
  return connectedAt + Math.floor(Math.max(0, until - connectedAt) / HEARTBEAT_MS) * HEARTBEAT_MS;
}
