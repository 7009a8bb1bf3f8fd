import type { Crew } from './act/crew.ts';
import { crewUntil, RefusedError } from './act/crew.ts';
import { firstStart } from './act/bootstrap.ts';
import { failover } from './act/failover.ts';
import { decide } from './decide/decide.ts';
import type { Decision, Failover } from './decide/decision.ts';
import { planLoss } from './decide/loss.ts';
import type { LossPlan } from './decide/loss.ts';
import { answering } from './decide/observation.ts';
import type { ClusterObservation } from './decide/observation.ts';
import { holderOf, servingPrimary } from './decide/roles.ts';
import { Repairs } from './repairs.ts';

/** How long fresh answers of the others may take before a decision about a primary in trouble, ms. */
const SECOND_LOOK_MS = 50;
/** After a failed or refused change of the primary it is tried again after this, doubled up to the longest, ms. */
const [FIRST_PAUSE_MS, LONGEST_PAUSE_MS] = [250, 5000];

/** A decision with its time. */
export type Decided = Decision & { readonly at: string };

/** The control loop: observe, decide, act; whenever something happens, at the latest with each round of questions. */
export class ControlLoop {
  readonly #crew: Crew;
  readonly repairs: Repairs;
  #decided: Decided | undefined;
  #running = false;
  #again = false;
  #stopped = false;
  #paused = false;
  #notBefore = 0;
  #failures = 0;
  /** Why the last change of the primary was refused; undefined when none is. */
  #refused: string | undefined;
  /** Changes of the primary under way: one, or two while a person's ends the loop's own. */
  #changing = 0;
  #term = new AbortController();
  #locking: Promise<void> | undefined;
  #switchover: { readonly to: string | undefined } | undefined;

  constructor(crew: Crew) {
    this.#crew = crew;
    this.repairs = new Repairs(crew, () => this.nudge());
  }

  /** The last decision; undefined before the first. */
  get decided(): Decided | undefined {
    return this.#decided;
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** Maintenance: observes and decides, and does nothing. */
  pause(): void {
    this.#paused = true;
    this.repairs.abort('paused by a person');
  }

  /** Ends maintenance. */
  resume(): void {
    this.#paused = false;
    this.nudge();
  }

  /** A person asks for another primary. */
  request(to: string | undefined): void {
    this.#switchover = { to };
    this.nudge();
  }

  /**
   * What a failover with loss would do.
   * @throws Error when nothing is refused, or no member that answers has data
   */
  plan(): LossPlan {
    const { members } = this.observe();
    const serving = servingPrimary(members);
    if (this.#refused === undefined || serving !== undefined) throw new Error(`Nothing is refused, so nothing need be lost: ${this.#decided?.reason ?? 'the operator has just started'}.`);
    const plan = planLoss(members);
    if (plan === undefined) throw new Error('No member that answers has data: start one that has.');
    return plan;
  }

  /**
   * Carries a plan out that a person has read.
   * @throws Error when anything has changed since, or a step fails
   */
  async accept(id: string): Promise<LossPlan> {
    const plan = this.plan();
    if (plan.id !== id) throw new Error(`The situation has changed since: ${plan.text}`);
    if (!this.#crew.locks.leads) await this.#crew.locks.seize();
    const fence = answering(this.observe().members).map(({ name }) => name);
    this.#crew.journal.note(`a person accepts what is lost: ${plan.text}`);
    await this.#change('a person accepts what is lost', (crew) => failover(crew, { kind: 'failover', situation: 'no-primary', from: undefined, drain: false, fence, prefer: plan.member, accept: plan.member, reason: plan.text }));
    return plan;
  }

  /** Whether a switchover that was asked for is still to be done. */
  get requested(): boolean {
    return this.#switchover !== undefined;
  }

  /** Whether this operator leads and a change of the primary is under way, wanted or needed: another should not begin with half of it. */
  get owes(): boolean {
    if (this.#changing > 0) return true;
    if (!this.#crew.locks.leads || this.#paused) return false;
    const { kind, situation } = decide(this.observe());
    return kind === 'failover' || situation === 'switchover' || situation === 'leaving';
  }

  /** Takes the request back. */
  withdraw(): void {
    this.#switchover = undefined;
  }

  /** Something may have changed. Never rejects; runs that would overlap become one more. */
  nudge(): void {
    if (this.#stopped) return;
    this.#again = true;
    if (this.#running) return;
    this.#running = true;
    void this.#runs();
  }

  /** Ends the loop, its repairs and its locks. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.repairs.abort('the operator stops');
    this.#term.abort(new Error('the operator stops'));
    this.#crew.locks.close();
    await this.repairs.settled();
  }

  /** What is known now, with what is being done. */
  observe(): ClusterObservation {
    return this.#crew.watch.observe({ work: this.repairs.work, switchover: this.#switchover });
  }

  async #runs(): Promise<void> {
    try {
      while (this.#again && !this.#stopped) {
        this.#again = false;
        await this.#run().catch((error: unknown) => this.#failed(error));
      }
    } finally {
      this.#running = false;
    }
  }

  async #run(): Promise<void> {
    if (this.#crew.locks.needCare()) this.#locking ??= this.#crew.locks.maintain().finally(() => (this.#locking = undefined));
    if (!this.#crew.locks.leads) await this.#locking;
    const observation = await this.#secondLook(this.observe());
    const decision = decide(observation);
    this.#record(decision);
    if (!this.#crew.locks.leads || this.#paused || this.#changing > 0 || this.#crew.clock.now() < this.#notBefore) return;
    await this.#act(decision, observation);
  }

  /**
   * A primary that does not answer: what its replicas know is asked again now, since their last answers may be from before.
   * Not where it refuses connections or says that it stops: that is acted on at once.
   */
  async #secondLook(observation: ClusterObservation): Promise<ClusterObservation> {
    const { holder } = holderOf(observation.members);
    if (holder?.contact.kind !== 'silent') return observation;
    const others = observation.members.filter(({ name }) => name !== holder.name).map(({ name }) => name);
    await Promise.race([this.#crew.watch.refresh(others), this.#crew.clock.sleep(SECOND_LOOK_MS)]);
    return this.observe();
  }

  async #act(decision: Decision, { members }: ClusterObservation): Promise<void> {
    switch (decision.kind) {
      case 'nothing':
      case 'wait':
      case 'refuse':
        return;
      case 'repair': {
        const primary = holderOf(members).holder?.name;
        for (const repair of primary === undefined ? [] : decision.repairs) this.repairs.begin(repair, primary ?? '');
        return;
      }
      case 'first-start':
        return this.#change('the first start begins', (crew) => firstStart(crew, decision.primary));
      case 'failover':
        return this.#failover(decision);
    }
  }

  async #failover(decision: Failover): Promise<void> {
    const { journal, tally, watch, clock } = this.#crew;
    const lastAnswer = watch.watchers.find(({ member }) => member.name === decision.from)?.times.answeredAt ?? clock.now();
    journal.note(`${decision.situation}: ${decision.reason}`, decision.from === undefined ? {} : { member: decision.from });
    try {
      await this.#change('the primary changes', async (crew) => {
        await failover(crew, decision);
        tally.writeGap(clock.now() - lastAnswer);
      });
      if (decision.situation === 'switchover') tally.switchover();
      else tally.failover(decision.situation);
    } finally {
      if (decision.situation === 'switchover') this.#switchover = undefined;
    }
  }

  /** Changes the primary in a term of its own; half of it looks like other situations, so nothing is decided meanwhile. */
  async #change(reason: string, act: (crew: Crew) => Promise<unknown>): Promise<void> {
    this.#changing += 1;
    try {
      await act(this.#newTerm(reason));
      await this.#succeeded();
    } finally {
      this.#changing -= 1;
    }
  }

  /** Ends all that earlier terms still do, and gives the crew of the new one. */
  #newTerm(reason: string): Crew {
    this.repairs.abort(reason);
    this.#term.abort(new Error(reason));
    this.#term = new AbortController();
    return crewUntil(this.#crew, this.#term.signal);
  }

  #record(decision: Decision): void {
    const before = this.#decided;
    if (before?.kind === decision.kind && before.situation === decision.situation && before.reason === decision.reason) return;
    this.#decided = { ...decision, at: new Date().toISOString() };
    if (decision.kind === 'nothing' || decision.kind === 'repair') this.#refused = undefined;
    if (decision.kind !== 'refuse') return;
    const news = this.#refused === undefined || before?.kind !== 'refuse' || before.situation !== decision.situation || before.remedy !== decision.remedy;
    this.#refused = decision.reason;
    if (!news) return;
    this.#crew.journal.note(`refused: ${decision.reason}. ${decision.remedy}`);
    this.#crew.tally.refusal(decision.situation);
  }

  async #succeeded(): Promise<void> {
    this.#failures = 0;
    this.#notBefore = 0;
    this.#refused = undefined;
    await this.#crew.watch.refresh();
  }

  #failed(error: unknown): void {
    const { clock, journal } = this.#crew;
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** this.#failures, LONGEST_PAUSE_MS);
    this.#failures += 1;
    this.#notBefore = clock.now() + pause;
    const remedy = error instanceof RefusedError ? ` ${error.remedy}` : '';
    if (error instanceof RefusedError) {
      this.#refused = error.message;
      this.#crew.tally.refusal('failover');
    }
    journal.note(`${(error as Error).message}.${remedy} Tried again in ${pause} ms.`);
  }
}
