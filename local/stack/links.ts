import type { MemberAddress } from '../../common/members.ts';
import { LOOPBACK } from '../supervisor/probe.ts';
import type { LocalConfig } from './config.ts';
import { membersFrom, numbered, portsFrom } from './layout.ts';

/** The members as the operator is told them, so that it tells replicas to fetch over the links where there are some. Its own sessions take the admin ports. */
export const membersForOperator = ({ basePort, linkPort }: LocalConfig): readonly MemberAddress[] =>
  membersFrom(basePort).map((member, index) => (linkPort === undefined ? member : { ...member, port: portsFrom(linkPort).mysql(index) }));

/**
 * How a Koa process reaches Redis: REDIS_SENTINELS and, over links, REDIS_NAT. Only `web-0` goes over them, so that it alone can be cut off.
 * @param index of the Koa process
 */
export function redisSettings({ basePort, linkPort }: LocalConfig, index: number): Readonly<Record<string, string>> {
  const real = portsFrom(basePort);
  const reached = linkPort === undefined || index > 0 ? real : portsFrom(linkPort);
  const sentinels = numbered('sentinel').map((sentinel) => `${LOOPBACK}:${reached.sentinel(sentinel.index)}`).join(',');
  if (reached === real) return { REDIS_SENTINELS: sentinels };
  const nat = numbered('redis').map((redis) => `${LOOPBACK}:${real.redis(redis.index)}=${LOOPBACK}:${reached.redis(redis.index)}`).join(',');
  return { REDIS_SENTINELS: sentinels, REDIS_NAT: nat };
}
