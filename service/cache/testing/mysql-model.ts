import type { Change, Fill, LoadedPage, Version, WriteOutcome } from '../../ports.ts';
import { Unavailable } from '../../ports.ts';
import { formatTarget } from '../generation-row.ts';
import type { GenerationRow } from '../generation-row.ts';
import type { GenerationReading, GenerationTable, Sources } from '../ports.ts';
import { compareVersions, LOWEST } from '../version.ts';
import { call } from './virtual-time.ts';
import type { VirtualTime } from './virtual-time.ts';
import { applied, someChange } from './properties.ts';
import type { Rows } from './properties.ts';
import type { Weakness } from './weakness.ts';

/** What all transactions up to one have made of the data. */
interface State {
  readonly version: Version;
  /** Its place in the history. */
  readonly index: number;
  /** The properties: id → sold time. */
  readonly rows: Rows;
  readonly row: GenerationRow;
}

/** One who was or is primary. A deposed one keeps its state, answers reads and commits nothing. */
interface Member {
  readonly epoch: number;
  /** How much of the history it has; undefined: all, it is the primary. */
  until: number | undefined;
  /** Its acknowledgers are fenced: its commits wait for ever. */
  fenced: boolean;
}

const REPLICAS = 2;

/** MySQL with one history, a primary, lagging replicas, and deposed primaries that some processes still take for the primary. */
export class MysqlModel {
  private readonly time: VirtualTime;
  private readonly weakness: Weakness;
  private readonly history: State[];
  private readonly members: Member[];
  private readonly replicated = Array.from({ length: REPLICAS }, () => 1);
  private readonly believed = new Map<string, number>();
  private readonly cutUntil = new Map<string, number>();
  private readonly slowUntil = new Map<string, { readonly until: number; readonly delayMs: number }>();

  constructor(time: VirtualTime, weakness: Weakness) {
    this.time = time;
    this.weakness = weakness;
    this.history = [{ version: versionOf(1, 1), index: 0, rows: new Map(), row: { generation: 0, target: undefined, owner: '', renewals: 0 } }];
    this.members = [{ epoch: 1, until: undefined, fenced: false }];
    for (const index of this.replicated.keys()) this.replicate(index);
  }

  /** Fences the primary, and soon promotes another. Every process notices at a time of its own. */
  failover(processes: readonly { readonly name: string; readonly noticesAfterMs: number }[]): void {
    const old = this.primary();
    if (old.fenced) return;
    old.fenced = true;
    this.time.after(20 + this.time.random() * 100, () => {
      old.until = this.history.length;
      const epoch = old.epoch + 1;
      this.members.push({ epoch, until: undefined, fenced: false });
      this.history.push({ ...this.last(), index: this.history.length, version: versionOf(epoch, 1) });
      for (const { name, noticesAfterMs } of processes) this.time.after(noticesAfterMs, () => this.believed.set(name, epoch));
    });
  }

  /** One process reaches no member for a while. */
  cut(process: string, ms: number): void {
    this.cutUntil.set(process, this.time.now() + ms);
  }

  /** Messages of one process take longer for a while. */
  slow(process: string, ms: number, delayMs: number): void {
    this.slowUntil.set(process, { until: this.time.now() + ms, delayMs });
  }

  /** One committed write, with what its transaction saw of the generation. @throws when the believed primary cannot commit */
  write(process: string): Promise<{ readonly index: number; readonly change: Change; readonly outcome: WriteOutcome }> {
    const member = this.believedPrimary(process);
    return this.call(process, () => {
      const change = someChange(this.last().rows, this.history.length, this.time.random);
      const state = this.commit(member, (last) => ({ ...last, rows: applied(last.rows, change) }));
      if (state === undefined) return undefined;
      const { index, version, row } = state;
      return { answer: { index, change, outcome: { version, cacheGeneration: row.generation, redisRunId: formatTarget(row.target), changes: [change] } } };
    });
  }

  tableOf(process: string): GenerationTable {
    return {
      read: () => this.readRow(process),
      change: (from, target, owner) => {
        const member = this.believedPrimary(process);
        return this.call(process, () => {
          if (this.stateOf(member).row.generation !== from) return { answer: false };
          const state = this.commit(member, (last) => ({ ...last, row: { generation: from + 1, target, owner, renewals: 0 } }));
          return state === undefined ? undefined : { answer: true };
        });
      },
      renew: async (generation, owner) => {
        const member = this.believedPrimary(process);
        await this.call(process, () => {
          const { row } = this.stateOf(member);
          if (row.generation === generation && row.owner === owner) this.commit(member, (last) => ({ ...last, row: { ...row, renewals: row.renewals + 1 } }));
          return { answer: undefined };
        });
      },
    };
  }

  sourcesOf(process: string): Sources {
    return {
      loadAt: (version, fill) => this.loadAt(process, version, fill),
      loadLatest: (_key, fill) => this.loadLatest(process, fill),
    };
  }

  private async readRow(process: string): Promise<GenerationReading> {
    const member = this.believedPrimary(process);
    const position = (): Promise<Version> => this.call(process, () => ({ answer: this.stateOf(member).version }));
    const row = (): Promise<GenerationRow> => this.call(process, () => ({ answer: this.stateOf(member).row }));
    const confirmed = this.confirm(process, member);
    if (this.weakness === 'position before row') {
      const floor = await position();
      return { floor, row: await row(), confirmed: await confirmed };
    }
    const seen = await row();
    return { row: seen, floor: this.weakness === 'no floor' ? LOWEST : await position(), confirmed: await confirmed };
  }

  private confirm(process: string, member: Member): Promise<boolean> {
    if (this.weakness === 'no confirmation') return Promise.resolve(true);
    return this.call(process, () => ({ answer: !member.fenced })).catch(() => false);
  }

  private async loadAt(process: string, version: Version, fill: Fill): Promise<LoadedPage> {
    const index = Math.floor(this.time.random() * REPLICAS);
    const strict = this.weakness !== 'no wait at the replica';
    const has = (state: State | undefined): state is State => state !== undefined && (!strict || compareVersions(state.version, version) >= 0);
    for (const state of [() => this.history[(this.replicated[index] ?? 0) - 1], () => this.stateOf(this.believedPrimary(process))]) {
      const found = await this.call(process, () => ({ answer: state() })).catch(() => undefined);
      if (has(found)) return { ...(await fill(() => Promise.resolve([{ state: found }]))), source: 'replica' };
    }
    throw new Unavailable('no member has the version');
  }

  private async loadLatest(process: string, fill: Fill): Promise<LoadedPage> {
    const member = this.believedPrimary(process);
    const standing = this.confirm(process, member);
    const state = await this.call(process, () => ({ answer: this.stateOf(member) })).catch(() => {
      throw new Unavailable('the primary does not answer');
    });
    const made = await fill(() => Promise.resolve([{ state }]));
    const stands = await standing;
    return { ...made, source: 'primary', ...(stands ? {} : { freshness: 'no-primary' as const }) };
  }

  private commit(member: Member, change: (last: State) => State): State | undefined {
    if (member.fenced) return undefined;
    const last = this.last();
    const state = { ...change(last), index: this.history.length, version: versionOf(member.epoch, last.version.n + 1) };
    this.history.push(state);
    return state;
  }

  private stateOf({ until }: Member): State {
    return this.history[(until ?? this.history.length) - 1] ?? this.last();
  }

  /** The properties after the transaction of this place. */
  rowsAt(index: number): Rows {
    return (this.history[index] as State).rows;
  }

  private last(): State {
    return this.history.at(-1) as State;
  }

  private primary(): Member {
    return this.members.at(-1) as Member;
  }

  private believedPrimary(process: string): Member {
    const epoch = this.believed.get(process) ?? 1;
    return this.members.find((member) => member.epoch === epoch) as Member;
  }

  private call<T>(owner: string, act: () => { readonly answer: T } | undefined): Promise<T> {
    const { until, delayMs } = this.slowUntil.get(owner) ?? { until: 0, delayMs: 0 };
    const extraMs = this.time.now() < until ? this.time.random() * delayMs : 0;
    const isCut = (): boolean => this.time.now() < (this.cutUntil.get(owner) ?? 0);
    return call(this.time, { owner, act: () => (isCut() ? undefined : act()), timeoutMs: 1000, extraMs });
  }

  /** A replica catches up mostly soon, now and then late. */
  private replicate(index: number): void {
    const lagMs = this.time.random() < 0.8 ? 20 : 1000;
    this.time.after(this.time.random() * lagMs, () => {
      this.replicated[index] = this.history.length;
      this.replicate(index);
    });
  }
}

const versionOf = (epoch: number, n: number): Version => ({ epoch, n, serverUuid: `server-of-${epoch}` });
