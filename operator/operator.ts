import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { USERS } from '../common/names.ts';
import { operatorToken } from '../common/operator-api.ts';
import type { Crew } from './act/crew.ts';
import { assemble } from './assemble.ts';
import type { Listen } from './assemble.ts';
import { statusServer } from './http.ts';
import type { Host } from './host.ts';
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
  /** Waits until no change of the primary is under way or owed any more, for a while. */
  readonly settle: (deadlineMs: number) => Promise<void>;
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

/** Between two looks at what is still owed, ms. */
const OWED_LOOK_MS = 20;

/** What {@link startOperator} needs. */
export interface OperatorOptions {
  /** In logs and status. */
  readonly name: string;
  /** How long a failover may wait for members that know more, ms. */
  readonly coldStartMs: number;
  readonly host: Host;
  readonly log: Logger;
}

/** Puts the parts together and begins to watch and to act. */
export function startOperator({ name, coldStartMs, host, log }: OperatorOptions): Operator {
  const { platform, passwords } = host;
  const login = { user: USERS.operator, password: passwords.operator };
  const metrics: Metrics = createMetrics(() => ({ observation: loop.observe(), leads: crew.locks.leads, paused: loop.paused, lastContactMs: crew.watch.lastContactMs() }));
  const listen: Listen = (event) => {
    const { text, ...details } = event;
    log.info(details, text);
    host.report(event);
  };
  const { crew, loop } = assemble({ platform, login, replicationPassword: passwords.replication, open: openSession, clock: CLOCK, coldStartMs, listen, tally: metrics });
  const pages = {
    '/healthz': { type: 'text/plain', body: () => 'ok\n' },
    '/status': { type: 'application/json', body: () => JSON.stringify(statusOf(name, crew, loop)) },
    '/metrics': { type: 'text/plain; version=0.0.4', body: metrics.page },
  };
  const server = statusServer({ pages, orders: ordersOf(crew, loop), token: operatorToken(passwords.operator) });
  crew.watch.start();
  const settle = async (deadlineMs: number): Promise<void> => {
    const until = CLOCK.now() + deadlineMs;
    while (loop.owes && CLOCK.now() < until) await CLOCK.sleep(OWED_LOOK_MS);
  };
  const stop = async (): Promise<void> => {
    server.close();
    crew.watch.stop();
    await loop.stop();
  };
  const operator: Operator = { server, crew, loop, settle, stop };
  host.attend(operator);
  return operator;
}
