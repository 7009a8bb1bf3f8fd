import type { Crew } from './act/crew.ts';
import { controlOf, crewUntil } from './act/crew.ts';
import { rejoin } from './act/rejoin.ts';
import type { Repair } from './decide/decision.ts';
import { acknowledgements } from '../common/members.ts';

/** Pause after the first failure, ms; doubled with each more, up to the longest. */
const [FIRST_PAUSE_MS, LONGEST_PAUSE_MS] = [250, 60_000];
/** A member that has worked for so long since its last repair has no past, ms. */
const FORGET_MS = 120_000;

interface Attempts {
  failures: number;
  /** Not before this time, monotonic ms. */
  notBefore: number;
  problem: string;
  /** When it last failed. */
  at: number;
  failing: boolean;
}

const NOTHING: ReadonlyMap<string, string> = new Map();

/** Repairs of single members, one at a time on each, beside each other on several. */
export class Repairs {
  readonly #crew: Crew;
  readonly #finished: () => void;
  readonly #running = new Map<string, { text: string; abort: AbortController; done: Promise<void> }>();
  readonly #attempts = new Map<string, Attempts>();

  /** @param finished called when a repair has ended, well or not */
  constructor(crew: Crew, finished: () => void) {
    this.#crew = crew;
    this.#finished = finished;
  }

  /** What is being done, by member. */
  get work(): ReadonlyMap<string, string> {
    return this.#running.size === 0 ? NOTHING : new Map([...this.#running].map(([name, { text }]) => [name, text]));
  }

  /** Why a member is left alone for now; undefined when it is not. */
  problem(member: string): string | undefined {
    const attempts = this.#attempts.get(member);
    const now = this.#crew.clock.now();
    if (attempts === undefined || !attempts.failing || attempts.notBefore <= now) return undefined;
    return `${attempts.problem} (failed ${attempts.failures} times, tried again in ${Math.ceil((attempts.notBefore - now) / 1000)} s)`;
  }

  /** Begins a repair, unless one runs on that member or the last one failed a moment ago. */
  begin(repair: Repair, primary: string): void {
    const { member } = repair;
    const now = this.#crew.clock.now();
    if (this.#running.has(member) || (this.#attempts.get(member)?.notBefore ?? 0) > now) return;
    const abort = new AbortController();
    const done = this.#run(repair, primary, abort.signal).then(() => this.#crew.watch.refresh([member, primary])).finally(() => {
      this.#running.delete(member);
      this.#finished();
    });
    this.#running.set(member, { text: `${repair.action}: ${repair.reason}`, abort, done });
  }

  /** Ends all repairs between two of their steps. */
  abort(reason: string): void {
    for (const { abort } of this.#running.values()) abort.abort(new Error(reason));
  }

  /** Waits for those that run, for a while. */
  async settled(): Promise<void> {
    await Promise.all([...this.#running.values()].map(({ done }) => done));
  }

  async #run({ member, action }: Repair, primary: string, signal: AbortSignal): Promise<void> {
    try {
      const crew = crewUntil(this.#crew, signal);
      if (action === 'rejoin') await rejoin(crew, { member, primary, signal, report: (text) => this.#report(member, text) });
      else await controlOf(crew, member).enforce(member === primary ? 'primary' : 'replica', acknowledgements(this.#crew.platform.members.length));
      this.#forgive(member);
    } catch (error) {
      if (!signal.aborted) this.#blame(member, (error as Error).message);
    }
  }

  #report(member: string, text: string): void {
    const running = this.#running.get(member);
    if (running !== undefined) running.text = text;
  }

  /** Also after a success there is a pause, in which the next answers come in. */
  #forgive(member: string): void {
    const now = this.#crew.clock.now();
    const before = this.#attempts.get(member);
    const failures = before === undefined || now - before.at > FORGET_MS ? 0 : before.failures;
    this.#attempts.set(member, { failures, notBefore: now + FIRST_PAUSE_MS, problem: before?.problem ?? '', at: before?.at ?? -Infinity, failing: false });
  }

  #blame(member: string, problem: string): void {
    const { clock, journal } = this.#crew;
    const failures = (this.#attempts.get(member)?.failures ?? 0) + 1;
    const now = clock.now();
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS);
    this.#attempts.set(member, { failures, notBefore: now + pause, problem, at: now, failing: true });
    journal.note(`${member}: ${problem}; tried again in ${pause} ms`, { member });
  }
}
