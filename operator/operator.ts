import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { USERS } from '../common/names.ts';
import { operatorToken } from '../common/operator-api.ts';
import type { Crew } from './act/crew.ts';
import { assemble } from './assemble.ts';
import type { Listen } from './assemble.ts';
import type { OperatorConfig } from './config.ts';
import { statusServer } from './http.ts';
import { localPlatform } from './local/platform.ts';
import type { ControlLoop } from './loop.ts';
import { openSession } from './mysql/session.ts';
import { createMetrics } from './metrics.ts';
import type { Metrics } from './metrics.ts';
import { ordersOf } from './orders.ts';
import type { Clock } from './ports.ts';
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

/** The machine's own time. */
export const CLOCK: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, signal === undefined ? {} : { signal }),
  after: (ms, call) => {
    const timer = setTimeout(call, ms).unref();
    return () => clearTimeout(timer);
  },
};

/** Puts the parts together and begins to watch and to act. */
export function startOperator(config: OperatorConfig, log: Logger): Operator {
  const platform = localPlatform({ members: config.members, mark: config.initialisedMark });
  const login = { user: USERS.operator, password: config.operatorPassword };
  const metrics: Metrics = createMetrics(() => ({ observation: loop.observe(), leads: crew.locks.leads, paused: loop.paused, lastContactMs: crew.watch.lastContactMs() }));
  const listen: Listen = ({ text, ...details }) => log.info(details, text);
  const { crew, loop } = assemble({ platform, login, replicationPassword: config.replicationPassword, open: openSession, clock: CLOCK, coldStartMs: config.coldStartMs, listen, tally: metrics });
  const pages = {
    '/healthz': { type: 'text/plain', body: () => 'ok\n' },
    '/status': { type: 'application/json', body: () => JSON.stringify(statusOf(config.name, crew, loop)) },
    '/metrics': { type: 'text/plain; version=0.0.4', body: metrics.page },
  };
  const server = statusServer({ pages, orders: ordersOf(crew, loop), token: operatorToken(config.operatorPassword) });
  crew.watch.start();
  const stop = async (): Promise<void> => {
    server.close();
    crew.watch.stop();
    await loop.stop();
  };
  return { server, crew, loop, stop };
}
