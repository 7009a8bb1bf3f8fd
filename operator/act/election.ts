import { contains } from '../../common/gtid.ts';
import { acknowledgements } from '../../common/members.ts';
import type { Endpoint } from '../../common/members.ts';
import { FENCED_HOST } from '../../common/names.ts';
import { elect } from '../decide/elect.ts';
import type { Election } from '../decide/elect.ts';
import type { AnsweringMember, MemberStatus } from '../decide/observation.ts';
import { answering, everything } from '../decide/observation.ts';
import { counts } from '../decide/quorum.ts';
import { hasAppliedAll } from './control.ts';
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
    if (election.kind === 'refused') throw new RefusedError(`nobody can be promoted: ${election.reason}`, election.remedy);
    const winner = election.kind === 'elected' ? winnerOf(crew, members, election) : undefined;
    const awaited = election.kind === 'elected' ? awaitedFollowers(members, progress.stuck(crew.clock.now())) : election.members;
    if (winner !== undefined && (awaited.length === 0 || winner.followers.length >= acknowledgements(crew.platform.members.length))) return winner;
    crew.journal.note(`waits: ${awaited.join(', ')} still apply what they received`);
    await crew.clock.sleep(crew.clock.now() - from < LONG_MS ? APPLYING_MS : LONG_APPLYING_MS);
    members = await again(crew, [...members, ...latecomers.joined(members)]);
    progress.note(members, crew.clock.now());
  }
}

/** Members that can follow nobody else before they have applied what they received, and may still do that. */
function awaitedFollowers(members: readonly AnsweringMember[], stuck: readonly string[]): readonly string[] {
  return members.filter(({ name, status }) => !mayChangeSource(status) && status.applier.running && !stuck.includes(name)).map(({ name }) => name);
}

/** The member whose losses a person has accepted, once it has applied what it received. */
function accepted(members: readonly AnsweringMember[], name: string): Election {
  const member = members.find((one) => one.name === name);
  if (member === undefined) return { kind: 'refused', reason: `${name} could not be fenced`, remedy: 'Ask for the plan again.' };
  if (!contains(member.status.executed, member.status.received) && member.status.applier.error === '') return { kind: 'wait', members: [name], reason: `${name} still applies` };
  return { kind: 'elected', member: name, reason: 'a person accepted what is lost by it' };
}

function winnerOf({ platform, watch }: Crew, members: readonly AnsweringMember[], { member, reason }: Extract<Election, { kind: 'elected' }>): Winner {
  const elected = members.find(({ name }) => name === member);
  if (elected === undefined) throw new Error(`${member} was elected and is none of the fenced members`);
  return { name: member, status: elected.status, reason, followers: followersOf(members, { primary: elected, needed: acknowledgements(platform.members.length), known: answering(watch.known()) }) };
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

/**
 * Whether another source throws nothing away that it received: a stopped applier's must not change, and one that was just
 * started may stop again at the next transaction. A fence changes the source only where that is safe.
 */
const mayChangeSource = (status: MemberStatus): boolean => hasAppliedAll(status) || (status.applier.running && status.receiver.host === FENCED_HOST);

/** Whether it can follow that member, and keeps what it received. */
export const keepsRelayLog = (status: MemberStatus, { host, port }: Endpoint): boolean => mayChangeSource(status) || (status.receiver.host === host && status.receiver.port === port);

/**
 * Who may follow at once: whoever has nothing that the winner lacks, and whom the winner's binlogs can still serve. Are
 * those too few to acknowledge the epoch row, members with transactions of their own follow as well, closed, and half
 * promoted ones once they are demoted: what they receive is in their relay logs, and they can neither be re-seeded nor
 * repaired before somebody is the primary. At last those that must throw away what they received and cannot apply, where
 * the winner and enough others have it.
 */
function followersOf(members: readonly AnsweringMember[], { primary, needed, known }: { primary: AnsweringMember; needed: number; known: readonly AnsweringMember[] }): readonly AnsweringMember[] {
  const others = members.filter(({ name }) => name !== primary.name);
  const able = others.filter(({ status }) => keepsRelayLog(status, primary.address) && contains(everything({ status }), primary.status.purged));
  const served = others.filter(({ status }) => contains(status.executed, primary.status.purged));
  const equal = able.filter(({ status }) => !needsDemotion(status) && contains(primary.status.executed, everything({ status })));
  if (equal.length >= needed) return equal;
  const counting = able.filter((member) => counts(member));
  return counting.length >= needed ? counting : [...counting, ...served.filter((member) => !able.includes(member) && !needsDemotion(member.status) && isSpare(member, { primary, needed, known }))];
}

/** Whether the winner and A others have all that it has. */
function isSpare({ name, status }: AnsweringMember, { primary, needed, known }: { primary: AnsweringMember; needed: number; known: readonly AnsweringMember[] }): boolean {
  const own = everything({ status });
  const others = known.filter((other) => other.name !== name && other.name !== primary.name && contains(other.status.executed, own));
  return contains(primary.status.executed, own) && others.length >= needed;
}
