import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FENCED_HOST } from '../../common/names.ts';
import { decide } from './decide.ts';
import type { Decision, Failover } from './decision.ts';
import { closed, cluster, member, primary } from './fixtures.ts';
import type { Sketch } from './fixtures.ts';
import type { AnsweringMember, ClusterObservation, Contact, MemberObservation } from './observation.ts';

/** What a member's mysqld is like; `index` is the member's. */
const ROLES: Readonly<Record<string, (index: number, sketch: Sketch) => AnsweringMember>> = {
  open: (index, sketch) => primary(index, { row: [1, 0], ...sketch }),
  stalled: (index, sketch) => primary(index, { row: [1, 0], stalledMs: 5000, waiting: 2, ...sketch }),
  closed,
  replica: member,
  'half promoted': (index, sketch) => member(index, { superReadOnly: false, source: true, receiver: { state: 'off', host: FENCED_HOST }, ...sketch }),
  fenced: (index, sketch) => member(index, { receiver: { state: 'off', host: FENCED_HOST }, ...sketch }),
  unsafe: (index, sketch) => member(index, { unsafe: ['sync_binlog must be 1'], ...sketch }),
};
const ROWS: readonly Sketch['row'][] = [[1, 0], [2, 1]];
/** Negative is a copy's, which does not count. */
const PROMISES: readonly Sketch['promise'][] = [1, 2, -2, null];
const CONTACTS: readonly Contact[] = [{ kind: 'refused' }, { kind: 'stopping' }, { kind: 'silent', forMs: 500 }, { kind: 'silent', forMs: 3000 }, { kind: 'unusable', problem: 'Access denied' }];

/** Everything that a member may look like here. */
function statesOf(index: number): readonly AnsweringMember[] {
  const answering = Object.values(ROLES).flatMap((role) => ROWS.flatMap((row = null) => PROMISES.map((promise = null) => role(index, { row, promise }))));
  const away = CONTACTS.flatMap((contact) => ROWS.map((row = null) => member(index, { contact, row, promise: row?.[0] ?? 1 })));
  const empty = [null, 1].map((promise) => closed(index, { executed: '', row: null, promise, receiver: { state: 'off', host: '', port: 0 } }));
  return [...answering, ...away, ...empty, member(index, { contact: { kind: 'silent', forMs: 3000 }, unknown: true })];
}

const counting = ({ contact, status }: MemberObservation): boolean => contact.kind === 'answers' && status?.promise?.own === true && status.unsafe.length === 0;
const isOpen = ({ contact, status }: MemberObservation): boolean => contact.kind === 'answers' && status !== undefined && !status.readOnly && !status.offline;
const named = (members: readonly MemberObservation[], names: readonly string[]): readonly MemberObservation[] => members.filter(({ name }) => names.includes(name));

/** All combinations of three members, with and without the mark. */
function* observations(): Generator<ClusterObservation> {
  const [first, second, third] = [statesOf(0), statesOf(1), statesOf(2)];
  const pairs = second.flatMap((b) => third.map((c) => [b, c] as const));
  for (const a of first) {
    for (const pair of pairs) {
      yield cluster([a, ...pair], { initialised: true });
      yield cluster([a, ...pair], { initialised: false });
    }
  }
}

/** What must hold of a failover, by counting alone. */
function checkFailover(observation: ClusterObservation, decision: Failover): string | undefined {
  const { members } = observation;
  const fenced = named(members, decision.fence);
  if (fenced.length !== new Set(decision.fence).size || fenced.some(({ contact }) => contact.kind !== 'answers')) return 'fences somebody twice or who does not answer';
  const drained = decision.drain ? named(members, [decision.from ?? '']) : [];
  if ([...fenced, ...drained].filter(counting).length < 2) return 'fences fewer than two members that count';
  const from = members.find(({ name }) => name === decision.from);
  if (from !== undefined && isOpen(from) && decision.fence.includes(from.name)) return 'fences an open primary that was not drained';
  return undefined;
}

/** What must hold of every decision, by counting alone; a sentence where it does not. */
function problemOf(observation: ClusterObservation, decision: Decision): string | undefined {
  const { members, initialised } = observation;
  if (decision.reason === '') return 'gives no reason';
  switch (decision.kind) {
    case 'failover': return checkFailover(observation, decision);
    case 'first-start': {
      const empty = members.every(({ contact, status }) => contact.kind === 'answers' && status?.executed.size === 0);
      return empty && (!initialised || members.every(counting)) ? undefined : 'begins anew where data may be';
    }
    case 'repair': return decision.repairs.every((repair) => members.some(({ name, contact, work }) => name === repair.member && contact.kind === 'answers' && work === undefined)) && members.some(isOpen) ? undefined : 'repairs what does not answer, or without a primary';
    case 'refuse': return decision.remedy === '' ? 'refuses without a remedy' : undefined;
    case 'nothing': case 'wait': return undefined;
  }
  return decision satisfies never;
}

/** What is seen when a failover has done its work. */
function afterFailover({ members, ...rest }: ClusterObservation, { fence, from, drain, prefer }: Failover): ClusterObservation {
  const epoch = 1 + Math.max(...members.map(({ status }) => Math.max(status?.row?.epoch ?? 0, status?.promise?.epoch ?? 0)));
  const part = drain && from !== undefined ? [...fence, from] : fence;
  const winner = members.findIndex(({ name }) => name === (prefer ?? named(members, part).find(counting)?.name));
  const host = { host: members[winner]?.address.host ?? '', port: members[winner]?.address.port ?? 0 };
  return { ...rest, switchover: undefined, noPrimaryMs: 0, members: members.map((old, index) => {
    if (index === winner) return primary(index, { row: [epoch, winner], promise: epoch });
    const row = [epoch, winner] as const;
    return part.includes(old.name) ? member(index, { row, promise: counting(old) ? epoch : -epoch, receiver: { state: 'on', ...host } }) : old;
  }) };
}

test('every combination of three members gets one decision, which breaks no arithmetic, and a failover ends in none', { timeout: 120_000 }, () => {
  const kinds = new Map<string, number>();
  for (const observation of observations()) {
    const decision = decide(observation);
    const problem = problemOf(observation, decision);
    if (problem !== undefined) assert.fail(`${problem}: ${JSON.stringify(decision)} of ${JSON.stringify(observation, (_, value: unknown) => (value instanceof Map ? [...value] : value), 1)}`);
    if (decision.kind === 'failover') {
      const next = decide(afterFailover(observation, decision));
      if (next.kind === 'failover' || next.kind === 'first-start') assert.fail(`after ${decision.reason} comes ${next.reason}`);
    }
    kinds.set(decision.kind, (kinds.get(decision.kind) ?? 0) + 1);
  }
  assert.deepEqual([...kinds.keys()].sort(), ['failover', 'first-start', 'nothing', 'refuse', 'repair', 'wait']);
});

test('a primary that works, answers and is not stalled loses its role to nobody, unless a promise above its row is there', { timeout: 60_000 }, () => {
  for (const second of statesOf(1)) {
    for (const third of statesOf(2)) {
      const members = [primary(0), second, third];
      const above = members.some(({ status }) => (status?.promise?.epoch ?? 0) > 1 || (status?.row?.epoch ?? 0) > 1);
      const { kind, reason } = decide(cluster(members));
      assert.ok(above || kind === 'nothing' || kind === 'repair' || kind === 'wait', `${kind}: ${reason}`);
    }
  }
});

test('what was repaired is not repaired again', { timeout: 60_000 }, () => {
  for (const second of statesOf(1)) {
    for (const third of statesOf(2)) {
      const observation = cluster([primary(0), second, third]);
      const decision = decide(observation);
      if (decision.kind !== 'repair') continue;
      const repaired = decision.repairs.map((repair) => repair.member);
      const top = [...observation.members].map(({ status }) => status?.row).filter((row) => row !== undefined).sort((a, b) => b.epoch - a.epoch)[0];
      const holder = Number(top?.member.slice(-1));
      const [row, promise] = [[top?.epoch ?? 0, holder] as const, top?.epoch ?? 0];
      const mended = (index: number): AnsweringMember => (index === holder ? primary(index, { row, promise }) : member(index, { row, promise, receiver: { state: 'on', host: observation.members[holder]?.address.host ?? '', port: observation.members[holder]?.address.port ?? 0 } }));
      const next = decide(cluster(observation.members.map((old, index) => (repaired.includes(old.name) ? mended(index) : old))));
      assert.ok(next.kind !== 'repair' || next.repairs.every((repair) => !repaired.includes(repair.member)), `after ${decision.reason} comes ${next.reason}`);
    }
  }
});
