import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { startMembers } from '../../local/testing/servers.ts';
import type { TestMember } from '../../local/testing/servers.ts';
import { decide } from '../decide/decide.ts';
import { holderOf, servingPrimary } from '../decide/roles.ts';
import { localHost } from '../local/host.ts';
import { startOperator } from '../operator.ts';
import type { Operator } from '../operator.ts';
import { NO_NOTICE } from '../ports.ts';
import type { MemberNotice } from '../ports.ts';

/** Members with something that starts each again when it ends, as the supervisor does, and operators on demand. */
export interface TestCluster {
  readonly members: readonly TestMember[];
  readonly passwords: Readonly<Record<string, string>>;
  readonly mark: string;
  /** An operator in this process. */
  readonly operate: (name?: string, coldStartMs?: number) => Operator;
  /** What the platform tells of members from now on; the rest hear of nothing. */
  readonly notices: Map<string, MemberNotice>;
  readonly member: (name: string) => TestMember;
  /** Aborted when the cluster is stopped. */
  readonly over: AbortSignal;
  /** Members named here stay down once they end. */
  readonly down: Set<string>;
  /** Ends everything; safe to call twice. */
  readonly stop: () => Promise<void>;
}

/** Starts closed, empty members, which are started again whenever they end. */
export async function startCluster(count = 3): Promise<TestCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'operator-test-'));
  const servers = await startMembers({ count });
  const mark = join(folder, 'initialised');
  const operators: Operator[] = [];
  const down = new Set<string>();
  const over = new AbortController();
  for (const member of servers.members) void keepUp(member, () => over.signal.aborted || down.has(member.name), () => over.signal.aborted);
  const member = (name: string): TestMember => {
    const found = servers.members.find((one) => one.name === name);
    if (found === undefined) throw new Error(`There is no member ${name}`);
    return found;
  };
  const notices = new Map<string, MemberNotice>();
  const operate = (name = 'operator', coldStartMs = 60_000): Operator => {
    const local = localHost({ members: servers.members, mark }, { operator: servers.passwords.operator, replication: servers.passwords.replication });
    const host = { ...local, platform: { ...local.platform, notice: (of: string) => notices.get(of) ?? NO_NOTICE } };
    const operator = startOperator({ name, coldStartMs, host, log: pino({ level: process.env['OPERATOR_TEST_LOG'] ?? 'silent' }) });
    operators.push(operator);
    return operator;
  };
  const stop = async (): Promise<void> => {
    over.abort();
    await Promise.all(operators.map((operator) => operator.stop()));
    await servers.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { members: servers.members, passwords: servers.passwords, mark, operate, notices, member, over: over.signal, down, stop };
}

async function keepUp(member: TestMember, stays: () => boolean, over: () => boolean): Promise<void> {
  while (!over()) {
    await member.ended;
    while (stays() && !over()) await pause(20);
    if (over()) return;
    await member.start().catch(() => undefined);
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Name of the open primary as an operator sees it; undefined when there is none. */
export const primaryOf = ({ loop }: Operator): string | undefined => servingPrimary(loop.observe().members)?.name;

/** The highest epoch that an operator sees; a replica shows an older one until it has applied the newest row. */
export const epochOf = ({ loop }: Operator): number | undefined => holderOf(loop.observe().members).row?.epoch;

/** Waits until the operator finds all well: one primary, all others following it. */
export async function wellAgain(operator: Operator, deadlineMs = 40_000): Promise<string> {
  const why = (): string => JSON.stringify({ decided: operator.loop.decided, events: operator.crew.journal.events.slice(-12).map(({ text }) => text) }, undefined, 1);
  await operator.crew.watch.refresh();
  await eventually('all to be well', () => operator.loop.observe().members.every(({ contact, work }) => contact.kind === 'answers' && work === undefined) && decide(operator.loop.observe()).situation === 'healthy', { deadlineMs, why });
  return primaryOf(operator) ?? '';
}

/**
 * Waits until something holds.
 * @throws Error with what was waited for and what `why` says, after the deadline
 */
export async function eventually(what: string, holds: () => boolean | Promise<boolean>, options: { readonly deadlineMs?: number; readonly why?: () => string } = {}): Promise<void> {
  const { deadlineMs = 20_000, why = (): string => '' } = options;
  const until = Date.now() + deadlineMs;
  while (!(await holds())) {
    if (Date.now() > until) throw new Error(`Waited ${deadlineMs} ms for ${what}. ${why()}`);
    await pause(10);
  }
}
