import type { MemberStatus, OperatorStatus, StackStatus } from './status.ts';

/**
 * What keeps a stack from full health, one sentence each: every process runs and answers, one member is the primary,
 * and every other one follows it with nothing missing and nothing of its own. Empty: it is whole.
 */
export function ailments(status: StackStatus): readonly string[] {
  const processes = status.processes
    .filter((one) => one.state !== 'running' || one.health === 'silent')
    .map((one) => `${one.name} is ${one.state === 'running' ? 'silent' : one.state}`);
  const start = status.readySeconds === null ? ['it is still starting'] : [];
  return [...start, ...processes, ...(status.operator === null ? ['the operator does not answer'] : operatorAilments(status.operator, membersOf(status)))];
}

const membersOf = (status: StackStatus): readonly string[] => status.processes.filter((one) => one.kind === 'mysql').map((one) => one.name);

/** What keeps the members from being as the operator wants them, one sentence each; empty: nothing. */
export function operatorAilments(operator: OperatorStatus, names: readonly string[]): readonly string[] {
  if (operator.primary === null) return ['there is no primary'];
  return names.flatMap((name) => {
    const member = operator.members.find((one) => one.name === name);
    if (member === undefined) return [`the operator does not know ${name}`];
    return memberAilment(member, operator);
  });
}

function memberAilment(member: MemberStatus, operator: OperatorStatus): readonly string[] {
  const expected = member.name === operator.primary ? 'primary' : 'replica';
  if (member.role !== expected) return [`${member.name} is ${member.role}`];
  if (isSet(member.errant)) return [`${member.name} has transactions of its own: ${member.errant ?? ''}`];
  // Under load a replica always lacks the last transactions: a second of lag is its bound then.
  if (expected === 'replica' && (member.lagSeconds ?? 0) > 1) return [`${member.name} lags by ${member.lagSeconds ?? 0} s`];
  return [];
}

const isSet = (gtids: string | null | undefined): boolean => gtids !== undefined && gtids !== null && gtids !== '';
