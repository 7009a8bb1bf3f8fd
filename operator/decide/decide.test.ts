import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FENCED_HOST } from '../../common/names.ts';
import { decide } from './decide.ts';
import type { Decision } from './decision.ts';
import { closed, cluster, fenced, gone, LOST, member, primary } from './fixtures.ts';
import type { ClusterObservation, MemberObservation } from './observation.ts';

const healthy = [primary(0), member(1), member(2)];
const empty = (index: number) => closed(index, { executed: '', row: null, promise: null, receiver: { state: 'off', host: '', port: 0 } });
const silent = (forMs: number) => primary(0, { contact: { kind: 'silent', forMs } });
const lost = (index: number) => member(index, { receiver: LOST });
const refusing = (index: number) => member(index, { contact: { kind: 'refused' } });

/** A decision in one line. */
function short(decision: Decision): string {
  switch (decision.kind) {
    case 'failover': return `failover ${decision.situation} fences ${decision.fence.join('+')}${decision.drain ? ', drains' : ''}`;
    case 'repair': return `repair ${decision.repairs.map(({ member, action }) => `${member} ${action}`).join(', ')}`;
    case 'first-start': return `first-start ${decision.primary}`;
    case 'nothing': case 'wait': case 'refuse': return `${decision.kind} ${decision.situation}`;
  }
  return decision satisfies never;
}

const cases: readonly (readonly [title: string, members: readonly MemberObservation[], expected: string, rest?: Partial<ClusterObservation>])[] = [
  ['all is well', healthy, 'nothing healthy'],
  ['crashed: nothing listens any more, and the replicas lost it too', [gone(0), lost(1), lost(2)], 'failover crashed fences mysql-1+mysql-2'],
  ['crashed before this operator ever saw it', [gone(0, { unknown: true }), lost(1), lost(2)], 'failover crashed fences mysql-1+mysql-2'],
  ['dying-slowly: it takes no connections, though heartbeats go on', [gone(0), member(1), member(2)], 'failover crashed fences mysql-1+mysql-2'],
  ['dying-slowly: it says that it is shutting down', [primary(0, { contact: { kind: 'stopping' } }), member(1), member(2)], 'failover stopping fences mysql-1+mysql-2'],
  ['stopping in order: it keeps its clients out', [primary(0, { offline: true }), member(1), member(2)], 'failover stopping fences mysql-1+mysql-2'],
  ['silent for a moment only', [silent(700), lost(1), lost(2)], 'wait suspected'],
  ['accepting-corpse: silent here and at its replicas for a second', [silent(1100), lost(1), lost(2)], 'failover silent fences mysql-1+mysql-2'],
  ['only the operator cannot reach it', [silent(5000), member(1), lost(2)], 'nothing unreachable-from-here'],
  ['blocked-host: it answers, but not to us', [primary(0, { contact: { kind: 'unusable', problem: 'Too many connections' } }), member(1), member(2)], 'nothing unreachable-from-here'],
  ['isolated-primary: commits hang, and its replicas have lost it', [primary(0, { stalledMs: 1600 }), lost(1), lost(2)], 'failover stalled fences mysql-1+mysql-2'],
  ['hung-disk: commits hang longer, and heartbeats are fine', [primary(0, { stalledMs: 3100 }), member(1), member(2)], 'failover stalled fences mysql-1+mysql-2'],
  ['hung-disk: it lets clients in and tells them nothing, and heartbeats are fine', [primary(0, { contact: { kind: 'silent', forMs: 3200 }, stalledMs: 3100 }), member(1), member(2)], 'failover stalled fences mysql-1+mysql-2'],
  ['the same for less long', [primary(0, { contact: { kind: 'silent', forMs: 3200 }, stalledMs: 2900 }), member(1), member(2)], 'nothing unreachable-from-here'],
  ['one huge transaction is no hung disk yet', [primary(0, { stalledMs: 2000 }), member(1), member(2)], 'wait suspected'],
  ['commits hang since the only acknowledgers are gone: nothing is fenced', [primary(0, { stalledMs: 9000 }), gone(1), gone(2)], 'refuse stalled'],
  ['commits hang, and only one other answers: two would be too few to take over', [primary(0, { stalledMs: 9000 }), lost(1), gone(2, { row: null })], 'refuse stalled'],
  ['commits hang since the replicas came back closed: they are let in, not over', [primary(0, { stalledMs: 9000 }), closed(1), closed(2)], 'repair mysql-1 rejoin, mysql-2 rejoin'],
  ['self-made-outage: too few answer, so nobody is fenced', [silent(2000), lost(1), refusing(2)], 'refuse silent'],
  ['self-made-outage: an operator died after fencing; the primary still works, but alone', [primary(0), fenced(1), gone(2, { row: null })], 'failover half-done fences mysql-1, drains'],
  ['half-done: promised and fenced, nobody promoted', [gone(0), fenced(1), fenced(2)], 'failover crashed fences mysql-1+mysql-2'],
  ['half-done: promoted up to the acknowledged epoch row, not opened', [gone(0), primary(1, { row: [2, 1], promise: 2, readOnly: true }), member(2, { row: [2, 1], promise: 2 })], 'failover half-done fences mysql-1+mysql-2'],
  ['half-done: promised only; but a row of that epoch may hide on a member that is away', [primary(0), member(1, { promise: 2 }), member(2, { promise: 2 })], 'failover half-done fences mysql-1+mysql-2'],
  ['half-done: the member that may hide the row is away', [primary(0), member(1, { promise: 2 }), gone(2, { row: null, promise: null })], 'failover half-done fences mysql-1, drains'],
  ['a replica came back closed', [primary(0), closed(1), member(2)], 'repair mysql-1 rejoin'],
  ['a replica whose receiver stopped', [primary(0), member(1, { receiver: { state: 'off', error: 'purged' } }), member(2)], 'repair mysql-1 rejoin'],
  ['a replica whose applier stopped', [primary(0), member(1, { applier: { running: false, error: 'Duplicate entry' } }), member(2)], 'repair mysql-1 rejoin'],
  ['a replica that follows another than the primary', [primary(0), member(1, { receiver: { port: 3002 } }), member(2)], 'repair mysql-1 rejoin'],
  ['a replica left fenced under an old epoch', [primary(0), member(1, { receiver: { state: 'off', host: FENCED_HOST } }), member(2)], 'repair mysql-1 rejoin'],
  ['a replica with transactions that the primary lacks, for a moment', [primary(0), member(1, { strangeMs: 200 }), member(2)], 'nothing healthy'],
  ['a replica with transactions that the primary lacks', [primary(0), member(1, { strangeMs: 1200 }), member(2)], 'repair mysql-1 rejoin'],
  ['two suspected at once: one is compared while the other acknowledges', [primary(0), member(1, { strangeMs: 1200 }), member(2, { strangeMs: 1200 })], 'repair mysql-1 rejoin'],
  ['the second has its turn when the first is done', [primary(0), member(1, { strangeMs: 1200, work: 'rejoin' }), member(2, { strangeMs: 1200 })], 'nothing degraded'],
  ['suspected, and the only one that acknowledges', [primary(0), member(1, { strangeMs: 1200 }), gone(2)], 'nothing degraded'],
  ['a setting that keeps no acknowledgement is put right, also on the only one that acknowledges', [primary(0), member(1, { unsafe: ['sync_binlog is 0'] }), gone(2)], 'repair mysql-1 enforce'],
  ['a new member that has caught up, and does not count yet', [primary(0), member(1, { promise: null }), member(2)], 'repair mysql-1 rejoin'],
  ['stale-role-reads, read-only-lie: a deposed primary thaws, still open', [primary(0), primary(1, { row: [2, 1], promise: 2, executed: '0:1-10,1:1' }), member(2, { row: [2, 1], promise: 2, receiver: { port: 3001 } })], 'repair mysql-0 rejoin'],
  ['read-only-lie: read-only, but its commits still wait', [member(0, { source: true, receiver: { port: 3001 } }), primary(1, { row: [2, 1] }), member(2, { receiver: { port: 3001 } })], 'repair mysql-0 rejoin'],
  ['a replica that somebody made writable', [primary(0), member(1, { superReadOnly: false, readOnly: false }), member(2)], 'repair mysql-1 rejoin'],
  ['a member under repair is left to it', [primary(0), closed(1, { work: 'rejoin' }), member(2)], 'nothing degraded'],
  ['the primary\'s commits wait for no acknowledgement', [primary(0, { source: false }), member(1), member(2)], 'repair mysql-0 enforce'],
  ['a replica whose acknowledgements prove nothing', [primary(0), member(1, { unsafe: ['sync_binlog must be 1'] }), member(2)], 'repair mysql-1 enforce'],
  ['raised-A: the primary\'s settings are those of fewer members', [primary(0, { unsafe: ['rpl_semi_sync_source_wait_for_replica_count must be 2'] }), member(1), member(2)], 'repair mysql-0 enforce'],
  ['first start', [empty(0), empty(1), empty(2)], 'first-start mysql-0', { initialised: false }],
  ['first start with one still starting', [empty(0), empty(1), gone(2, { unknown: true })], 'wait first-start', { initialised: false }],
  ['born-again-empty: all empty, but there was data', [empty(0), empty(1), empty(2)], 'refuse emptied'],
  ['born-again-empty: two wiped, the third starts slowly', [empty(0), empty(1), gone(2, { unknown: true })], 'wait emptied'],
  ['born-again-empty: two wiped, the third is back with the data', [empty(0), empty(1), closed(2, { row: [1, 2] })], 'refuse no-primary'],
  ['a first start was broken off after its promises', [closed(0, { executed: '', row: null }), closed(1, { executed: '', row: null }), closed(2, { executed: '', row: null })], 'first-start mysql-0'],
  ['a first start was broken off before its epoch row', [closed(0, { executed: '0:1-2', row: null }), closed(1, { executed: '', row: null }), closed(2, { executed: '', row: null })], 'failover no-primary fences mysql-0+mysql-1+mysql-2'],
  ['all down and back, the last primary too: no wait', [closed(0), closed(1), gone(2)], 'failover no-primary fences mysql-0+mysql-1'],
  ['all down and back, the last primary missing: waits for it', [gone(0), closed(1), closed(2)], 'wait crashed', { noPrimaryMs: 30_000 }],
  ['all down and back, the last primary missing for a minute', [gone(0), closed(1), closed(2)], 'failover crashed fences mysql-1+mysql-2', { noPrimaryMs: 60_000 }],
  ['all down, a promise points to a later primary than any row', [closed(0, { promise: 2 }), closed(1, { promise: 2 }), gone(2, { unknown: true })], 'wait no-primary'],
  ['the new primary dies while the old one is not back in: the new one returns closed', [closed(0, { executed: '0:1-11' }), closed(1, { row: [2, 1], promise: 2 }), member(2, { row: [2, 1], promise: 2 })], 'failover no-primary fences mysql-0+mysql-1+mysql-2'],
  ['the primary was wiped: nobody is the one that the row names', [closed(0, { executed: '', row: null, promise: null, serverUuid: '00000000-0000-0000-0000-00000000000f' }), lost(1), lost(2)], 'failover no-primary fences mysql-0+mysql-1+mysql-2'],
  ['all down, the last primary wiped, another still away: an empty folder is no last primary', [closed(0, { executed: '', row: null, promise: null, serverUuid: '00000000-0000-0000-0000-00000000000f' }), closed(1), closed(2), closed(3), gone(4, { unknown: true })], 'wait no-primary'],
  ['switchover to anybody', healthy, 'failover switchover fences mysql-1+mysql-2, drains', { switchover: { to: undefined } }],
  ['switchover to a replica that lags: first it catches up', [primary(0, { executed: '0:1-2000' }), member(1), member(2, { executed: '0:1-2000' })], 'wait switchover', { switchover: { to: 'mysql-1' } }],
  ['switchover to a replica that is gone', [primary(0), gone(1, { row: null }), member(2)], 'wait switchover', { switchover: { to: 'mysql-1' } }],
  ['switchover while the third member is down', [primary(0), member(1), gone(2, { row: null })], 'failover switchover fences mysql-1, drains', { switchover: { to: 'mysql-1' } }],
  ['leaving: the primary is about to be stopped', healthy, 'failover leaving fences mysql-1+mysql-2, drains', { leaving: ['mysql-0'] }],
  ['leaving: one of the others is as well, and is not waited for', [primary(0), gone(1), member(2)], 'failover leaving fences mysql-2, drains', { leaving: ['mysql-0', 'mysql-1'] }],
  ['leaving: all are, so nobody would be better', healthy, 'wait leaving', { leaving: ['mysql-0', 'mysql-1', 'mysql-2'] }],
  ['leaving: its pod was taken away, and it is silent: no second is waited', [silent(10), lost(1), lost(2)], 'failover leaving fences mysql-1+mysql-2', { leaving: ['mysql-0'] }],
  ['leaving: silent here only', [silent(10), member(1), lost(2)], 'wait suspected', { leaving: ['mysql-0'] }],
  ['leaving: a replica that is about to be stopped needs no repair', [primary(0), closed(1), member(2)], 'nothing healthy', { leaving: ['mysql-1'] }],
  ['switchover to a replica that is about to be stopped', healthy, 'wait switchover', { switchover: { to: 'mysql-1' }, leaving: ['mysql-1'] }],
  ['switchover to the primary itself', healthy, 'nothing healthy', { switchover: { to: 'mysql-0' } }],
];

for (const [title, members, expected, rest] of cases) {
  test(title, () => assert.equal(short(decide(cluster(members, rest))), expected));
}

test('a refusal says what would help', () => {
  const decision = decide(cluster([silent(2000), lost(1), refusing(2)]));
  assert.equal(decision.kind === 'refuse' && decision.remedy, 'Start mysql-0 or mysql-2 again with the data that it had.');
});

test('the switchover prefers whom the person named', () => {
  const decision = decide(cluster(healthy, { switchover: { to: 'mysql-2' } }));
  assert.equal(decision.kind === 'failover' && decision.prefer, 'mysql-2');
});

test('a primary that leaves in a rollout hands over to a member that was renewed already', () => {
  const decision = decide(cluster(healthy, { leaving: ['mysql-0'], outdated: ['mysql-0', 'mysql-1'] }));
  assert.equal(decision.kind === 'failover' && decision.prefer, 'mysql-2');
});

test('among equals a failover prefers a member that stays', () => {
  const decision = decide(cluster([gone(0), lost(1), lost(2)], { leaving: ['mysql-0', 'mysql-1'] }));
  assert.equal(decision.kind === 'failover' && decision.prefer, 'mysql-2');
});

test('blackout: after an outage of all, a failover goes without nobody but those who know no more than the last primary', () => {
  const must = (members: readonly MemberObservation[]): readonly string[] | undefined => {
    const decision = decide(cluster(members));
    return decision.kind === 'failover' ? decision.must : undefined;
  };
  assert.deepEqual(must([closed(0), closed(1), closed(2)]), ['mysql-0']);
  assert.deepEqual(must([gone(0), member(1), member(2)]), []);
  assert.deepEqual(must([closed(0, { promise: 2 }), closed(1, { promise: 2 }), closed(2)]), ['mysql-0', 'mysql-1', 'mysql-2']);
});
