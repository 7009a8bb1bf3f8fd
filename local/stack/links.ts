import type { MemberAddress } from '../../common/members.ts';
import { LOOPBACK } from '../supervisor/probe.ts';
import type { LocalConfig } from './config.ts';
import { membersFrom, numbered, portsFrom } from './layout.ts';

/** The members as the operator is told them: replicas fetch over the links, and its own sessions take the admin ports over others. */
export const membersForOperator = ({ basePort, linkPort }: LocalConfig): readonly MemberAddress[] =>
  membersFrom(basePort).map((member, index) => (linkPort === undefined ? member : { ...member, port: portsFrom(linkPort).mysql(index), adminPort: portsFrom(linkPort).mysqlAdmin(index) }));

/** From the base port of the links to the first of those by which web-0 reaches the members. */
const WEB_TO_MYSQL = 90;

/** The link by which web-0 reaches a member. */
export const webToMysql = (linkPort: number, index: number): number => linkPort + WEB_TO_MYSQL + index;

/**
 * The members as a Koa process is told them.
 * @param index of the Koa process: only `web-0` goes over links
 */
export const membersForWeb = ({ basePort, linkPort }: LocalConfig, index: number): readonly MemberAddress[] =>
  membersFrom(basePort).map((member, at) => (linkPort === undefined || index > 0 ? member : { ...member, port: webToMysql(linkPort, at) }));

/** Where nginx reaches the Koa processes. */
export const portsOfWeb = ({ basePort, linkPort }: LocalConfig): readonly number[] => numbered('web').map(({ index }) => portsFrom(linkPort ?? basePort).web(index));

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
