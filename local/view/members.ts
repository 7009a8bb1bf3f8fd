import { count, formatGtidSet, parseGtidSet, subtract, union } from '../../common/gtid.ts';
import type { GtidSet } from '../../common/gtid.ts';
import type { MemberView, OperatorView } from '../stack/status.ts';

/** What the operator says of a member with which all is well. */
const USUAL: ReadonlySet<string> = new Set(['answers', 'receiver on']);

/** How many transactions a member has that the primary never had; undefined when nobody knows, as without a primary. */
export const errantCount = ({ errant, missing }: MemberView): number | undefined => (typeof missing !== 'string' || errant === undefined ? undefined : count(parseGtidSet(errant)));

/** A member, and what there is to say of it. */
export interface MemberNote {
  readonly name: string;
  readonly facts: readonly string[];
}

/**
 * What the operator knows of the members, in words.
 * @param which `unusual`: only what a person should look at
 */
export function memberNotes(operator: OperatorView, which: 'all' | 'unusual'): readonly MemberNote[] {
  const notes = operator.members.map((member) => ({ name: member.name, facts: which === 'all' ? allOf(member, operator) : unusualOf(member, operator) }));
  return notes.filter(({ facts }) => facts.length > 0);
}

function allOf(member: MemberView, operator: OperatorView): readonly string[] {
  const { role, epoch, evidence = [] } = member;
  const state = epoch === undefined ? role : `${role}, epoch ${epoch}`;
  const told = differences(member, operator).map((one) => (role === 'unreachable' ? `${one}, when it last answered` : one));
  return [state, ...evidence, ...promises(member), ...told, ...efforts(member)];
}

function unusualOf(member: MemberView, operator: OperatorView): readonly string[] {
  const { epoch, evidence = [], errant } = member;
  const older = epoch === undefined || operator.epoch === null || epoch >= operator.epoch ? [] : [`epoch ${epoch}`];
  const errants = errant === undefined || errant === '' ? [] : [`${transactions(errantCount(member) ?? 0)} of its own`];
  return [...older, ...evidence.filter((one) => !USUAL.has(one)), ...promises(member), ...errants, ...efforts(member)];
}

function promises({ epoch = 0, promised, counts, executed }: MemberView): readonly string[] {
  const later = promised !== undefined && promised > epoch ? [`has promised epoch ${promised}`] : [];
  return counts === false && executed !== null ? [...later, 'its acknowledgements do not count yet'] : later;
}

function efforts({ work, problem }: MemberView): readonly string[] {
  return [...(typeof work === 'string' ? [work] : []), ...(typeof problem === 'string' ? [`left alone for now: ${problem}`] : [])];
}

const transactions = (many: number): string => `${many} ${many === 1 ? 'transaction' : 'transactions'}`;
/** With spaces, so that it can be broken into lines. */
const listed = (set: GtidSet): string => formatGtidSet(set).replaceAll(',', ', ');

/** What it lacks and has beyond the primary's; without a primary, beyond what the members have together. */
function differences({ name, executed, missing, errant }: MemberView, { primary, members }: OperatorView): readonly string[] {
  if (typeof executed !== 'string') return [];
  if (name === primary) return [`has ${transactions(count(parseGtidSet(executed)))}`];
  if (primary === null || typeof missing !== 'string') {
    const all = union(...members.map((member) => parseGtidSet(member.executed ?? '')));
    return lacks(subtract(all, parseGtidSet(executed)), 'the members together');
  }
  const own = parseGtidSet(errant ?? '');
  const beyond = own.size === 0 ? [] : [`has ${transactions(count(own))} that ${primary} never had: ${listed(own)}`];
  return [...lacks(parseGtidSet(missing), primary), ...beyond];
}

function lacks(set: GtidSet, than: string): readonly string[] {
  return [set.size === 0 ? `has all that ${than} ${than === 'the members together' ? 'have' : 'has'}` : `lacks ${transactions(count(set))}: ${listed(set)}`];
}
