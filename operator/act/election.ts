import { contains, union } from '../../common/gtid.ts';
import { acknowledgements } from '../../common/members.ts';
import { elect } from '../decide/elect.ts';
import type { Election } from '../decide/elect.ts';
import type { AnsweringMember, MemberStatus } from '../decide/observation.ts';
import { counts } from '../decide/quorum.ts';
import { controlOf, RefusedError } from './crew.ts';
import type { Crew } from './crew.ts';
import { needsDemotion } from './demote.ts';
import { Latecomers } from './latecomers.ts';

/** A member that applies nothing for so long is not waited for any more, ms. */
const STUCK_MS = 10_000;
/** Between two looks at members that apply, ms: at first so that a short backlog costs no time, later so that looking takes none from the appliers. */
const [APPLYING_MS, LONG_APPLYING_MS] = [5, 25];
/** Which is after this, ms. */
const LONG_MS = 200;

/** Who is to be promoted, and who can follow at once. */
export interface Winner {
  readonly name: string;
  readonly status: MemberStatus;
  readonly reason: string;
  readonly followers: readonly AnsweringMember[];
}

/** What {@link electAmong} is told. */
export interface ElectionTerms {
  /** Which the fenced have promised. */
  readonly epoch: number;
  /** Of the equally good, this one. */
  readonly prefer?: string | undefined;
  /** A person accepted what is lost by promoting this member. */
  readonly accept?: string | undefined;
}

/**
 * Lets the fenced apply what they received until one may be promoted. Who comes back meanwhile joins them.
 * @param fenced with their status as read after the fence
 * @throws RefusedError when nobody can be promoted
 */
export async function electAmong(crew: Crew, fenced: readonly AnsweringMember[], terms: ElectionTerms): Promise<Winner> {
  const progress = new Progress();
  const latecomers = new Latecomers(crew, terms.epoch);
  const from = crew.clock.now();
  let members = fenced;
  for (;;) {
    const election = terms.accept === undefined ? elect(members, { prefer: terms.prefer, stuck: progress.stuck(crew.clock.now()) }) : accepted(members, terms.accept);
    switch (election.kind) {
      case 'elected': return winnerOf(crew, members, election);
      case 'refused': throw new RefusedError(`nobody can be promoted: ${election.reason}`, election.remedy);
      case 'wait':
        crew.journal.note(`waits: ${election.members.join(', ')} still apply what they received`);
        await crew.clock.sleep(crew.clock.now() - from < LONG_MS ? APPLYING_MS : LONG_APPLYING_MS);
        members = await again(crew, [...members, ...latecomers.joined(members)]);
        progress.note(members, crew.clock.now());
    }
  }
}

/** The member whose losses a person has accepted, once it has applied what it received. */
function accepted(members: readonly AnsweringMember[], name: string): Election {
  const member = members.find((one) => one.name === name);
  if (member === undefined) return { kind: 'refused', reason: `${name} could not be fenced`, remedy: 'Ask for the plan again.' };
  if (!contains(member.status.executed, member.status.received) && member.status.applier.error === '') return { kind: 'wait', members: [name], reason: `${name} still applies` };
  return { kind: 'elected', member: name, reason: 'a person accepted what is lost by it' };
}

function winnerOf({ platform }: Crew, members: readonly AnsweringMember[], { member, reason }: Extract<Election, { kind: 'elected' }>): Winner {
  const elected = members.find(({ name }) => name === member);
  if (elected === undefined) throw new Error(`${member} was elected and is none of the fenced members`);
  return { name: member, status: elected.status, reason, followers: followersOf(members, { primary: elected, needed: acknowledgements(platform.members.length) }) };
}

async function again(crew: Crew, members: readonly AnsweringMember[]): Promise<readonly AnsweringMember[]> {
  return Promise.all(members.map(async (member) => ({ ...member, status: await controlOf(crew, member.name).status() })));
}

/** When each member last applied something. */
class Progress {
  readonly #last = new Map<string, { readonly executed: string; readonly at: number }>();

  note(members: readonly AnsweringMember[], now: number): void {
    for (const { name, status } of members) {
      const executed = JSON.stringify([...status.executed]);
      if (this.#last.get(name)?.executed !== executed) this.#last.set(name, { executed, at: now });
    }
  }

  /** Members that nobody waits for any more. */
  stuck(now: number): readonly string[] {
    return [...this.#last].filter(([, { at }]) => now - at > STUCK_MS).map(([name]) => name);
  }
}

/** Whether changing its source throws nothing away that it received. */
const keepsRelayLog = ({ applier, executed, received }: MemberStatus): boolean => applier.running || contains(executed, received);

/**
 * Who may follow at once: whoever has nothing that the winner lacks, and whom the winner's binlogs can still serve. Are
 * those too few to acknowledge the epoch row, members with transactions of their own follow as well, closed, and half
 * promoted ones once they are demoted: what they receive is in their relay logs, and they can neither be re-seeded nor
 * repaired before somebody is the primary.
 */
function followersOf(members: readonly AnsweringMember[], { primary, needed }: { primary: AnsweringMember; needed: number }): readonly AnsweringMember[] {
  const able = members.filter(({ name, status }) => name !== primary.name && contains(status.executed, primary.status.purged) && keepsRelayLog(status));
  const equal = able.filter(({ status }) => !needsDemotion(status) && contains(primary.status.executed, union(status.executed, status.received)));
  return equal.length >= needed ? equal : able.filter((member) => counts(member));
}
