import { acknowledgements } from '../../common/members.ts';
import type { Repair } from './decision.ts';
import type { AnsweringMember, MemberObservation } from './observation.ts';
import { answering } from './observation.ts';

/** How long a member may show transactions that the primary lacks before it is compared in earnest, ms. */
export const STRANGE_MS = 1000;

/** What is wrong with the members besides a primary that serves, in their order; those at work already are left out. */
export function repairsFor(members: readonly MemberObservation[], primary: AnsweringMember): readonly Repair[] {
  const needed = acknowledgements(members.length);
  const repairs: Repair[] = [];
  for (const member of answering(members)) {
    if (member.work !== undefined) continue;
    if (member.name === primary.name) repairs.push(...enforcement(member, needed));
    else repairs.push(...repairOf(member.strangeMs === 0 || acknowledgersBut(member, { members, primary, repairs }) >= needed ? member : unsuspected(member), primary));
  }
  return repairs;
}

/** As if nothing were strange about it: a mere suspicion has to wait. */
const unsuspected = (member: AnsweringMember): AnsweringMember => ({ ...member, strangeMs: 0 });

function repairOf(member: AnsweringMember, primary: AnsweringMember): readonly Repair[] {
  const { name, status } = member;
  const reason = whyRejoin(member, primary);
  if (reason !== undefined) return [{ member: name, action: 'rejoin', reason }];
  return status.unsafe.length > 0 ? [{ member: name, action: 'enforce', reason: status.unsafe.join(', ') }] : [];
}

/**
 * How many others acknowledge undisturbed. To compare a member that follows in earnest, its receiver is stopped until it
 * has applied everything: were that done with all at once on a suspicion, every write would hang.
 */
function acknowledgersBut(member: AnsweringMember, { members, primary, repairs }: { members: readonly MemberObservation[]; primary: AnsweringMember; repairs: readonly Repair[] }): number {
  const busy = [member.name, primary.name, ...repairs.map((repair) => repair.member)];
  return answering(members).filter((other) => !busy.includes(other.name) && other.work === undefined && whyRejoin(unsuspected(other), primary) === undefined).length;
}

function enforcement({ name, status }: AnsweringMember, needed: number): readonly Repair[] {
  const reasons = [...(status.source || needed === 0 ? [] : ['its commits wait for no acknowledgement']), ...status.unsafe];
  return reasons.length === 0 ? [] : [{ member: name, action: 'enforce', reason: reasons.join(', ') }];
}

/** Why a member is no good replica of this primary; undefined when it is one. */
export function whyRejoin({ status, strangeMs }: AnsweringMember, primary: AnsweringMember): string | undefined {
  const { receiver, applier } = status;
  if (!status.superReadOnly || status.source) return `it is open for writes, and ${primary.name} is the primary`;
  if (receiver.host !== primary.address.host || receiver.port !== primary.address.port) return `it does not follow ${primary.name}`;
  if (receiver.state === 'off') return receiver.error === '' ? 'its receiver is stopped' : `its receiver stopped: ${receiver.error}`;
  if (applier.error !== '') return `its applier stopped: ${applier.error.slice(0, 200)}`;
  if (!applier.running) return 'its applier is stopped';
  if (status.promise?.own !== true) return 'it is new or was wiped, and does not count yet';
  if (strangeMs >= STRANGE_MS) return `it has transactions that ${primary.name} lacks`;
  return status.offline ? 'it is closed' : undefined;
}
