import type { Fault } from './faults/fault.ts';
import { end, freeze } from './faults/signals.ts';
import { masterMoved, masterOfRedis, named, primary, primaryMoved, replaced, replica } from './faults/victim.ts';
import type { Bounds } from './verdict/judge.ts';

/** A drill: what is broken, and what it may cost at most. */
export interface Scenario {
  readonly name: string;
  /** One line for the list. */
  readonly says: string;
  readonly fault: Fault;
  readonly bounds: Bounds;
}

/** No request fails, and nothing else is bounded but the time to full health. */
const NOTHING_FAILS: Bounds = { failures: 'none', longestWriteGapMs: null, medianWriteGapMs: null, slowestRequestMs: null, healMs: 30_000 };
const EDGE: Bounds = { ...NOTHING_FAILS, failures: 'on the connections of the victim' };

const FIRST: readonly Scenario[] = [
  {
    name: 'mysql-primary-kill', says: 'kill -9 of the primary; another member is promoted, the old one comes back as a replica',
    fault: end(primary, 'SIGKILL', [primaryMoved, replaced]),
    bounds: { ...NOTHING_FAILS, longestWriteGapMs: 1000, medianWriteGapMs: 250, healMs: 15_000 },
  },
  {
    name: 'mysql-replica-kill', says: 'kill -9 of a replica',
    fault: end(replica, 'SIGKILL', [replaced]), bounds: NOTHING_FAILS,
  },
  {
    name: 'redis-master-kill', says: 'kill -9 of the Redis master',
    fault: end(masterOfRedis, 'SIGKILL', [replaced]), bounds: NOTHING_FAILS,
  },
  {
    name: 'redis-master-freeze', says: 'the Redis master is stopped until the Sentinels have elected another, and goes on',
    fault: freeze(masterOfRedis, { forMs: 8000, meanwhile: [masterMoved] }), bounds: NOTHING_FAILS,
  },
  { name: 'sentinel-kill', says: 'kill -9 of a Sentinel', fault: end(named('sentinel-0'), 'SIGKILL', [replaced]), bounds: NOTHING_FAILS },
  { name: 'koa-kill', says: 'kill -9 of one of the two Koa processes', fault: end(named('web-0'), 'SIGKILL', [replaced]), bounds: NOTHING_FAILS },
  {
    name: 'koa-freeze', says: 'one of the two Koa processes is stopped until it is replaced',
    fault: freeze(named('web-0'), { forMs: 0, meanwhile: [replaced] }), bounds: { ...NOTHING_FAILS, slowestRequestMs: 3000 },
  },
  { name: 'nginx-kill', says: 'kill -9 of one of the two nginx, master and workers', fault: end(named('nginx-0'), 'SIGKILL', [replaced]), bounds: EDGE },
  { name: 'nginx-freeze', says: 'one of the two nginx is stopped until it is replaced', fault: freeze(named('nginx-0'), { forMs: 0, meanwhile: [replaced] }), bounds: EDGE },
  { name: 'operator-kill', says: 'kill -9 of the operator', fault: end(named('operator'), 'SIGKILL', [replaced]), bounds: NOTHING_FAILS },
];

/** Every drill, in the order of the list. */
export const SCENARIOS: readonly Scenario[] = FIRST;
