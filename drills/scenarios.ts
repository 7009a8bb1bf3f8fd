import { LOCAL_KINDS } from './chaos/faults.ts';
import { longTransaction, storm } from './faults/clients.ts';
import { clockAhead, clockBehind } from './faults/clocks.ts';
import { diskFull, diskHung } from './faults/disks.ts';
import { errant } from './faults/errant.ts';
import { badWeather, cutOff, mutedAcknowledgements, primaryStayed } from './faults/links.ts';
import { twoAtRandom } from './faults/pairs.ts';
import { diverged, isolated, lagging, replicaCutOff, twice, wiped } from './faults/members.ts';
import { killedMidway, paused, two } from './faults/operators.ts';
import { everything, staggered } from './faults/outage.ts';
import { killAll, redisSplit } from './faults/several.ts';
import { end, freeze } from './faults/signals.ts';
import { switchover } from './faults/switchover.ts';
import { masterMoved, masterOfRedis, named, primary, primaryMoved, replaced, replica } from './faults/victim.ts';
import { DRILL_LOAD } from './load/load.ts';
import { NOTHING_FAILS, type Scenario } from './scenario.ts';
import type { Bounds } from './verdict/judge.ts';

/** A scenario as it is written down here: it takes place anywhere and under the usual load if it does not say otherwise. */
type Written = Omit<Scenario, 'needs' | 'load'> & Partial<Scenario>;

const EDGE: Bounds = { ...NOTHING_FAILS, failures: 'on the connections of the victim' };

const SERVING: readonly Written[] = [
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

const MEMBERS: readonly Written[] = [
  {
    name: 'mysql-primary-term', says: 'SIGTERM straight to the primary, past its supervisor',
    fault: end(primary, 'SIGTERM', [primaryMoved, replaced]), bounds: { ...NOTHING_FAILS, longestWriteGapMs: 500 },
  },
  {
    name: 'mysql-primary-freeze', says: 'the primary is stopped for 30 s and then goes on',
    fault: freeze(primary, { forMs: 30_000, meanwhile: [primaryMoved] }), bounds: { ...NOTHING_FAILS, longestWriteGapMs: 2500 },
  },
  {
    name: 'mysql-primary-isolated', says: 'the primary is cut off from its replicas, and from nobody else',
    fault: isolated(15_000), bounds: { ...NOTHING_FAILS, longestWriteGapMs: 4000 }, needs: 'links',
  },
  {
    name: 'mysql-primary-switchover', says: 'npm run switchover',
    fault: switchover, bounds: { ...NOTHING_FAILS, longestWriteGapMs: 300 },
  },
  {
    name: 'mysql-primary-twice', says: 'the primary is killed, and two seconds later the one that took its place',
    fault: twice, bounds: { ...NOTHING_FAILS, longestWriteGapMs: 5000 },
  },
  {
    name: 'errant-crashed', says: 'the primary is killed with transactions that nobody else has; it is saved and re-seeded',
    fault: errant('crashed'), bounds: { ...NOTHING_FAILS, healMs: 20_000 },
  },
  {
    name: 'errant-thawed', says: 'the primary is stopped with transactions that nobody else has, and goes on when another has its place',
    fault: errant('thawed'), bounds: { ...NOTHING_FAILS, healMs: 20_000 },
  },
  { name: 'replica-wiped', says: 'a replica is killed and its data folder deleted', fault: wiped, bounds: { ...NOTHING_FAILS, healMs: 60_000 } },
  { name: 'replica-diverged', says: 'somebody writes into a replica', fault: diverged, bounds: { ...NOTHING_FAILS, healMs: 60_000 } },
  {
    name: 'replica-lagging', says: 'the primary is killed when both replicas are a minute behind in applying',
    // Either a replica has applied its backlog or the old primary is back: whichever comes first ends the wait.
    fault: lagging(60_000), bounds: { ...NOTHING_FAILS, longestWriteGapMs: 9500, healMs: 60_000 },
  },
];

const OPERATORS: readonly Written[] = [
  {
    name: 'operator-paused', says: 'the operator is stopped in the middle of a failover, and goes on a minute later',
    fault: paused(60_000), bounds: { ...NOTHING_FAILS, longestWriteGapMs: 5000 },
  },
  { name: 'operator-killed-midway', says: 'the operator is killed in the middle of a failover', fault: killedMidway, bounds: { ...NOTHING_FAILS, longestWriteGapMs: 5000 } },
  { name: 'two-operators', says: 'a second operator runs when the primary is killed', fault: two, bounds: { ...NOTHING_FAILS, longestWriteGapMs: 5000 } },
];

const NETWORK: readonly Written[] = [
  {
    name: 'acknowledgements-lost', says: 'one way of the network is dead: the primary does not hear that its transactions arrive',
    fault: mutedAcknowledgements(15_000), bounds: { ...NOTHING_FAILS, longestWriteGapMs: 5000 }, needs: 'links',
  },
  {
    name: 'replica-cut-off', says: 'one replica and the primary are cut off from each other for 15 s: nothing happens',
    fault: replicaCutOff(15_000), bounds: { ...NOTHING_FAILS, longestWriteGapMs: 1000 }, needs: 'links',
  },
  {
    name: 'operator-cut-off-primary', says: 'only the operator does not reach the primary for 15 s: nothing happens',
    fault: cutOff({ from: 'operator', to: 'primary', forMs: 15_000 }, [primaryStayed]), bounds: { ...NOTHING_FAILS, longestWriteGapMs: 1000 }, needs: 'links',
  },
  {
    name: 'operator-cut-off', says: 'the operator reaches no member for 15 s: nothing happens',
    fault: cutOff({ from: 'operator', to: 'mysql', forMs: 15_000 }, [primaryStayed]), bounds: { ...NOTHING_FAILS, longestWriteGapMs: 1000 }, needs: 'links',
  },
  {
    name: 'koa-cut-off-mysql', says: 'one of the two Koa processes reaches no member for 15 s',
    fault: cutOff({ from: 'web-0', to: 'mysql', forMs: 15_000 }), bounds: { ...NOTHING_FAILS, longestWriteGapMs: 2500 }, needs: 'links',
  },
  {
    name: 'koa-cut-off-edge', says: 'nginx does not reach one of the two Koa processes for 15 s',
    fault: cutOff({ from: 'nginx', to: 'web-0', forMs: 15_000 }), bounds: { ...NOTHING_FAILS, slowestRequestMs: 6000 }, needs: 'links',
  },
  {
    name: 'network-slow', says: 'what members send each other takes 50 ms each way, and 1 % of it is lost, for 20 s',
    fault: badWeather({ delayMs: 50, lost: 0.01 }, 20_000), bounds: { ...NOTHING_FAILS, longestWriteGapMs: 1500 }, needs: 'links',
  },
];

const DISKS: readonly Written[] = [
  {
    name: 'disk-hung', says: 'the disk of the primary hangs: its writes wait, and its heartbeats go on',
    fault: diskHung(15_000), bounds: { ...NOTHING_FAILS, longestWriteGapMs: 5000, healMs: 60_000 }, needs: 'disks',
  },
  {
    name: 'disk-full', says: 'the disk of the primary is full',
    // MySQL looks once a minute whether there is room again, and then the member applies what was written meanwhile.
    fault: diskFull(15_000), bounds: { ...NOTHING_FAILS, longestWriteGapMs: 5000, healMs: 240_000 }, needs: 'disks',
  },
];

const CLOCKS: readonly Written[] = [
  { name: 'clock-ahead', says: 'the clock of the primary is an hour ahead for 15 s: nothing happens', fault: clockAhead(15_000), bounds: { ...NOTHING_FAILS, longestWriteGapMs: 1000 }, needs: 'clocks' },
  { name: 'clock-behind', says: 'the clock of a replica is an hour behind when the primary is killed', fault: clockBehind, bounds: { ...NOTHING_FAILS, longestWriteGapMs: 1000 }, needs: 'clocks' },
];

const CLIENTS: readonly Written[] = [
  {
    name: 'long-transaction', says: 'npm run switchover while a transaction with 20,000 rows is open',
    fault: longTransaction, bounds: { ...NOTHING_FAILS, longestWriteGapMs: 2000 },
  },
  { name: 'connection-storm', says: '2,000 clients connect to the edge at once', fault: storm(2000), bounds: { ...NOTHING_FAILS, slowestRequestMs: 10_000 } },
  // Each alone would cost no request, but for an edge's own connections; two may leave too few members for a while.
  { name: 'two-faults', says: 'two random faults, at random times', fault: twoAtRandom(LOCAL_KINDS), bounds: { ...NOTHING_FAILS, failures: 'any', healMs: 120_000 }, needs: 'links' },
];

const OUTAGES: readonly Written[] = [
  {
    name: 'all-kill', says: 'kill -9 for everything at once, the supervisor too, then start',
    fault: everything, bounds: { ...NOTHING_FAILS, failures: 'any', healMs: 90_000 }, needs: 'its own stack',
  },
  {
    name: 'all-kill-staggered', says: 'all members are killed and come back one by one, the last primary last, when another has its place',
    fault: staggered, bounds: { ...NOTHING_FAILS, failures: 'any', healMs: 60_000 },
  },
  {
    name: 'redis-split', says: 'one of the two Koa processes is cut off from Redis for 15 s',
    fault: redisSplit(15_000), bounds: NOTHING_FAILS, needs: 'links',
  },
  { name: 'redis-all-kill', says: 'kill -9 of all Redis servers at once', fault: killAll('redis-0', 'redis-1', 'redis-2'), bounds: NOTHING_FAILS },
  { name: 'sentinel-majority-kill', says: 'kill -9 of two of the three Sentinels at once', fault: killAll('sentinel-0', 'sentinel-1'), bounds: NOTHING_FAILS },
];

/** Every drill, in the order of the list. */
export const SCENARIOS: readonly Scenario[] = [...SERVING, ...MEMBERS, ...OPERATORS, ...NETWORK, ...DISKS, ...CLOCKS, ...CLIENTS, ...OUTAGES].map((one) => ({ needs: 'any stack', load: DRILL_LOAD, ...one }));
