import { MemberControl } from './act/control.ts';
import type { Crew } from './act/crew.ts';
import { Journal } from './act/journal.ts';
import { Locks } from './act/locks.ts';
import { Turns } from './act/turns.ts';
import { ControlLoop } from './loop.ts';
import type { Login, OpenSession } from './mysql/session.ts';
import { ClusterWatch } from './observe/cluster.ts';
import type { Clock, OperatorEvent, Platform, Tally } from './ports.ts';

/** Told of each event, for the log. */
export type Listen = (event: OperatorEvent) => void;

/** All that an operator touches outside itself. */
export interface Surroundings {
  readonly platform: Platform;
  readonly login: Login;
  readonly replicationPassword: string;
  readonly open: OpenSession;
  readonly clock: Clock;
  /** How long a failover may wait for members that know more, ms. */
  readonly coldStartMs: number;
  readonly listen: Listen;
  readonly tally: Tally;
}

/** Puts the operator's parts together; nothing happens before `crew.watch.start()`. */
export function assemble({ platform, login, replicationPassword, open, clock, coldStartMs, listen, tally }: Surroundings): { readonly crew: Crew; readonly loop: ControlLoop } {
  const { members } = platform;
  const journal = new Journal(listen);
  const locks = new Locks(members, { login, open, clock, platform });
  const watch = new ClusterWatch({
    platform, login, open, clock, coldStartMs,
    nudge: () => loop.nudge(),
    overslept: (lateMs) => journal.note(`the operator stood still for ${Math.round(lateMs)} ms: what it observed before is void`),
  });
  const controls = new Map(locks.all.map((lock) => [lock.member.name, new MemberControl({ lock, operator: login, open, replicationPassword, members: members.length })]));
  const crew: Crew = { platform, clock, locks, watch, journal, tally, controls, wipes: new Turns() };
  const loop = new ControlLoop(crew);
  return { crew, loop };
}
