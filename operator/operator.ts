import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { USERS } from '../common/names.ts';
import { operatorToken } from '../common/operator-api.ts';
import { MemberControl } from './act/control.ts';
import type { Crew } from './act/crew.ts';
import { Journal } from './act/journal.ts';
import { Locks } from './act/locks.ts';
import type { OperatorConfig } from './config.ts';
import { statusServer } from './http.ts';
import { localPlatform } from './local/platform.ts';
import { ControlLoop } from './loop.ts';
import { createMetrics } from './metrics.ts';
import { ordersOf } from './orders.ts';
import type { Clock } from './ports.ts';
import { ClusterWatch } from './observe/cluster.ts';
import { statusOf } from './status.ts';

/** A running operator. */
export interface Operator {
  /** Status and metrics; the caller lets it listen. */
  readonly server: Server;
  readonly crew: Crew;
  readonly loop: ControlLoop;
  /** Ends all that it does, gives its locks back, closes its connections. */
  readonly stop: () => Promise<void>;
}

const CLOCK: Clock = { now: () => performance.now(), sleep: (ms, signal) => sleep(ms, undefined, signal === undefined ? {} : { signal }) };

/** Puts the parts together and begins to watch and to act. */
export function startOperator(config: OperatorConfig, log: Logger): Operator {
  const platform = localPlatform({ members: config.members, mark: config.initialisedMark });
  const login = { user: USERS.operator, password: config.operatorPassword };
  const journal = new Journal(({ text, ...details }) => log.info(details, text));
  const locks = new Locks(config.members, login);
  const watch = new ClusterWatch({
    platform, login, now: CLOCK.now, coldStartMs: config.coldStartMs,
    nudge: () => loop.nudge(),
    overslept: (lateMs) => journal.note(`the operator stood still for ${Math.round(lateMs)} ms: what it observed before is void`),
  });
  const controls = new Map(locks.all.map((lock) => [lock.member.name, new MemberControl({ lock, operator: login, replicationPassword: config.replicationPassword, members: config.members.length })]));
  const metrics = createMetrics(() => ({ observation: loop.observe(), leads: locks.leads, paused: loop.paused, lastContactMs: watch.lastContactMs() }));
  const crew: Crew = { platform, clock: CLOCK, locks, watch, journal, tally: metrics, controls };
  const loop = new ControlLoop(crew);
  const pages = {
    '/healthz': { type: 'text/plain', body: () => 'ok\n' },
    '/status': { type: 'application/json', body: () => JSON.stringify(statusOf(config.name, crew, loop)) },
    '/metrics': { type: 'text/plain; version=0.0.4', body: metrics.page },
  };
  const server = statusServer({ pages, orders: ordersOf(crew, loop), token: operatorToken(config.operatorPassword) });
  watch.start();
  const stop = async (): Promise<void> => {
    server.close();
    watch.stop();
    await loop.stop();
  };
  return { server, crew, loop, stop };
}
