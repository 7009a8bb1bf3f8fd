import { sameGtidSet } from '../../common/gtid.ts';
import type { Clock, MemberNotice, Platform } from '../ports.ts';
import type { ClusterObservation, MemberObservation, MemberStatus } from '../decide/observation.ts';
import { holderOf, servingPrimary } from '../decide/roles.ts';
import type { Login, OpenSession } from '../mysql/session.ts';
import { Lateness } from './lateness.ts';
import { Stuck } from './stuck.ts';
import { Suspicions } from './suspicions.ts';
import { MemberWatcher } from './watcher.ts';

/** Between two rounds of questions when all is well, ms. */
const ROUND_MS = 250;
/** The same while the primary is suspected. */
const SUSPICIOUS_ROUND_MS = 50;
/** The primary's last answer is older than this: ask more often, ms. */
const SUSPICION_MS = 300;

/** What {@link ClusterWatch} needs. */
export interface ClusterWatchOptions {
  readonly platform: Platform;
  readonly login: Login;
  readonly open: OpenSession;
  readonly clock: Clock;
  /** How long a failover may wait for members that know more, ms. */
  readonly coldStartMs: number;
  /** Called when there may be something to decide. */
  readonly nudge: () => void;
  /** Called with the ms that the operator itself was not running; everything observed before is void. */
  readonly overslept: (lateMs: number) => void;
}

/** What the observation takes from elsewhere. */
export interface Context {
  /** What the operator does on which member. */
  readonly work: ReadonlyMap<string, string>;
  readonly switchover: { readonly to: string | undefined } | undefined;
}

/** Watches all members and gives what is known of them at one moment. */
export class ClusterWatch {
  readonly watchers: readonly MemberWatcher[];
  readonly #options: ClusterWatchOptions;
  readonly #lateness = new Lateness();
  readonly #since = new Map<string, number>();
  readonly #suspicions = new Suspicions();
  readonly #stuck = new Stuck();
  #progress: { member: string; executed: MemberStatus['executed']; at: number } | undefined;
  #cancel: (() => void) | undefined;

  constructor(options: ClusterWatchOptions) {
    const { platform, ...rest } = options;
    this.#options = options;
    this.watchers = platform.members.map((member) => new MemberWatcher({ ...rest, member, members: platform.members.length }));
  }

  /** Begins to ask all members, round by round. */
  start(): void {
    this.#round(this.#options.clock.now());
  }

  /** Ends all connections. */
  stop(): void {
    this.#cancel?.();
    for (const watcher of this.watchers) watcher.stop();
  }

  /** Asks these members now, or all, and waits for their answers or failures. */
  async refresh(names?: readonly string[]): Promise<void> {
    await Promise.all(this.watchers.filter(({ member }) => names?.includes(member.name) ?? true).map((watcher) => watcher.pollAfresh()));
  }

  /** Everything known now; discards first what the operator slept through. */
  observe({ work, switchover }: Context): ClusterObservation {
    const now = this.#options.clock.now();
    this.#noticeSleep(now);
    const members = this.known();
    const primary = servingPrimary(members);
    const stalled = this.#stalledPrimary(members, now);
    const timed = members.map((member) => ({ ...member, work: work.get(member.name), stalledMs: member.name === stalled.name ? stalled.ms : 0, strangeMs: this.#strange(member, { primary: primary?.name, now }) }));
    const { platform } = this.#options;
    const noticed = (what: keyof MemberNotice): readonly string[] => platform.members.filter(({ name }) => platform.notice(name)[what]).map(({ name }) => name);
    return { members: timed, leaving: noticed('leaving'), outdated: noticed('outdated'), initialised: platform.initialised(), noPrimaryMs: this.#lasting('no primary', primary === undefined, now), coldStartMs: this.#options.coldStartMs, switchover };
  }

  /** All members with their last status, without what takes time to know. */
  known(): readonly MemberObservation[] {
    return this.watchers.map((watcher) => {
      const { name, host, port } = watcher.member;
      return { name, address: { host, port }, contact: watcher.contact(), status: watcher.status, stalledMs: 0, strangeMs: 0, work: undefined };
    });
  }

  /** Since the last answer, by member, ms. */
  lastContactMs(): ReadonlyMap<string, number> {
    return new Map(this.watchers.map(({ member, times }) => [member.name, this.#options.clock.now() - times.answeredAt]));
  }

  #round(due: number): void {
    const now = this.#options.clock.now();
    this.#noticeSleep(now);
    for (const watcher of this.watchers) void watcher.poll();
    this.#options.nudge();
    const delay = this.#suspicious(now) ? SUSPICIOUS_ROUND_MS : ROUND_MS;
    const next = Math.max(due + delay, now + delay / 2);
    this.#lateness.expect(next);
    this.#cancel = this.#options.clock.after(next - now, () => this.#round(next));
  }

  #suspicious(now: number): boolean {
    if (this.watchers.every(({ times }) => now - times.answeredAt <= SUSPICION_MS)) return false;
    const { holder } = holderOf(this.known());
    const watcher = this.watchers.find(({ member }) => member.name === holder?.name);
    return watcher !== undefined && now - watcher.times.answeredAt > SUSPICION_MS && watcher.contact().kind === 'silent';
  }

  #noticeSleep(now: number): void {
    const lateMs = this.#lateness.check(now);
    if (lateMs === 0) return;
    for (const watcher of this.watchers) watcher.discard();
    this.#since.clear();
    this.#suspicions.clear();
    this.#progress = undefined;
    this.#options.overslept(lateMs);
  }

  /** For how long something has been so; 0 when it is not. */
  #lasting(what: string, isSo: boolean, now: number): number {
    if (!isSo) this.#since.delete(what);
    else if (!this.#since.has(what)) this.#since.set(what, now);
    return now - (this.#since.get(what) ?? now);
  }

  /** Of the primary alone: whether it gives a status in which commits wait, or none at all while it lets clients in. */
  #stalledPrimary(members: readonly MemberObservation[], now: number): { readonly name: string; readonly ms: number } {
    const { holder } = holderOf(members);
    const watcher = this.watchers.find(({ member }) => member.name === holder?.name);
    if (holder === undefined || watcher === undefined) return { name: '', ms: 0 };
    const received = members.flatMap(({ name, status }) => (name === holder.name || status === undefined ? [] : [status.received]));
    const { answeredAt } = watcher.times;
    const stalledMs = this.#stalled(holder, now);
    const stuckMs = this.#stuck.look({ primary: holder.name, answeredAt, hungAt: Math.min(answeredAt, now - stalledMs), openedAt: watcher.openedAt, received, now });
    if (holder.contact.kind === 'silent') return { name: holder.name, ms: stuckMs };
    return { name: holder.name, ms: servingPrimary(members) === undefined ? 0 : stalledMs };
  }

  /** Sessions wait, and the executed set has not moved. */
  #stalled({ name, status }: MemberObservation, now: number): number {
    if (status === undefined) return 0;
    const last = this.#progress;
    const moved = last === undefined || last.member !== name || !sameGtidSet(last.executed, status.executed);
    if (moved || status.waiting === 0) this.#progress = { member: name, executed: status.executed, at: now };
    return status.waiting === 0 ? 0 : now - (this.#progress?.at ?? now);
  }

  /** For how long it has shown transactions that the primary, asked after the member had answered, did not have. */
  #strange({ name, status }: MemberObservation, { primary, now }: { primary: string | undefined; now: number }): number {
    const [holder, watcher] = [primary, name].map((one) => this.watchers.find(({ member }) => member.name === one));
    if (holder?.status === undefined || status === undefined || watcher === undefined || watcher === holder) {
      this.#suspicions.forget(name);
      return 0;
    }
    return this.#suspicions.look(name, { executed: status.executed, answeredAt: watcher.times.answeredAt, primary: { uuid: holder.status.serverUuid, executed: holder.status.executed, askedAt: holder.times.askedAt }, now });
  }
}
