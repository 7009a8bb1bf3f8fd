import type { AnsweringMember } from '../decide/observation.ts';
import { answering } from '../decide/observation.ts';
import { isClosed } from '../decide/roles.ts';
import { controlOf } from './crew.ts';
import type { Crew } from './crew.ts';
import { fenceOne } from './fence.ts';

/**
 * Members that come back while an election waits for others to apply. Each is fenced and promises the epoch as the others
 * did, and then takes part: an old primary has all that its replicas still apply, so it ends the wait. More fenced members
 * than N − A never do harm.
 */
export class Latecomers {
  readonly #crew: Crew;
  readonly #epoch: number;
  readonly #begun = new Set<string>();
  readonly #ready: AnsweringMember[] = [];

  /** @param epoch which those that are fenced already have promised */
  constructor(crew: Crew, epoch: number) {
    this.#crew = crew;
    this.#epoch = epoch;
  }

  /**
   * Begins with who has just come back, and waits for nobody.
   * @param there who takes part already
   * @returns those that have been fenced and have promised since it was last called
   */
  joined(there: readonly AnsweringMember[]): readonly AnsweringMember[] {
    const back = answering(this.#crew.watch.known()).filter((member) => isClosed(member) && there.every(({ name }) => name !== member.name) && !this.#begun.has(member.name));
    for (const member of back) {
      this.#begun.add(member.name);
      // One that fails is one that is still away: it may be tried again.
      void this.#join(member).then((fenced) => this.#ready.push(fenced), () => this.#begun.delete(member.name));
    }
    return this.#ready.splice(0);
  }

  async #join(member: AnsweringMember): Promise<AnsweringMember> {
    await this.#crew.locks.of(member.name).take();
    const status = await controlOf(this.#crew, member.name).status();
    const seen = { ...member, status };
    const known = Math.max(status.row?.epoch ?? 0, status.promise?.epoch ?? 0);
    if (!isClosed(seen) || known >= this.#epoch) throw new Error(`${member.name} is no member that came back closed and knows no epoch from ${this.#epoch} on`);
    return fenceOne(this.#crew, seen, this.#epoch);
  }
}
