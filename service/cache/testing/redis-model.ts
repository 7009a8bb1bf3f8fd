import type { RedisHealth } from '../generation.ts';
import type { CacheTarget } from '../generation-row.ts';
import { RedisUnusable } from '../ports.ts';
import type { CacheStore, KeptPage } from '../ports.ts';
import { begun, EMPTY, logOf, raised } from './log-model.ts';
import type { CacheState } from './log-model.ts';
import { call } from './virtual-time.ts';
import type { VirtualTime } from './virtual-time.ts';
import type { Weakness } from './weakness.ts';

interface Server {
  readonly name: string;
  state: CacheState;
  replicationId: string;
  role: 'master' | 'replica';
  /** Until when it hangs. */
  hangsUntil: number;
}

interface ModelLink {
  readonly server: Server;
  readonly identity: string;
  closed: boolean;
}

/** Redis processes with asynchronous replication, failovers that lose what was not replicated, and masters that were deposed. */
export class RedisModel {
  private readonly time: VirtualTime;
  private readonly weakness: Weakness;
  private readonly servers: readonly Server[];
  private readonly links = new Map<string, ModelLink>();
  private readonly cutUntil = new Map<string, number>();
  private master: Server;
  private ids = 0;

  constructor(time: VirtualTime, weakness: Weakness, processes: readonly string[]) {
    this.time = time;
    this.weakness = weakness;
    this.servers = ['redis-0', 'redis-1'].map((name) => ({ name, state: EMPTY, replicationId: this.newId(), role: 'replica' as const, hangsUntil: 0 }));
    this.master = this.servers[0] as Server;
    this.master.role = 'master';
    this.replicate();
    for (const process of processes) this.connect(process);
  }

  /** The replica becomes master with what it has. The old one stays a master that some still talk to, or becomes a replica. */
  failover(old: 'deposed' | 'demoted'): void {
    const from = this.master;
    this.master = this.servers.find((server) => server !== from) as Server;
    this.master.role = 'master';
    this.master.replicationId = this.newId();
    if (old === 'demoted') return this.demote(from);
    // The Sentinels' message reaches some.
    for (const link of this.links.values()) if (this.time.random() < 0.5) this.close(link);
  }

  /** Everything in the master is gone; its process goes on. */
  flush(): void {
    this.master.state = EMPTY;
  }

  hang(ms: number): void {
    this.master.hangsUntil = this.time.now() + ms;
  }

  /** One process does not reach Redis for a while. */
  cut(process: string, ms: number): void {
    this.cutUntil.set(process, this.time.now() + ms);
  }

  storeOf(process: string): CacheStore {
    return {
      health: () => this.health(process),
      reconnect: () => this.close(this.links.get(process)),
      log: (target, known) => this.ask(process, target, 20, (state) => logOf(state, target.nonce, known)),
      raise: (target, version, changes) => this.ask(process, target, 300, (state) => raised(state, target.nonce, { version, changes, weakness: this.weakness })),
      fetch: (target, key) => this.ask(process, target, 20, (state) => [state, pageOf(state, target, key)]),
      put: (target, key, page) => this.ask(process, target, 300, (state) => [{ ...state, pages: new Map(state.pages).set(key, { nonce: target.nonce, page }) }, undefined]),
      // Several processes may make a page at once: a claim only spares work.
      claim: (target) => this.ask(process, target, 20, (state) => [state, true]),
      begin: (target) => this.ask(process, target, 300, (state) => {
        const now = this.time.now();
        return now < state.claimedUntil ? [state, false] : [begun(target.nonce, now + 2000), true];
      }),
    };
  }

  private health(process: string): RedisHealth {
    const link = this.links.get(process);
    if (link === undefined || link.closed || this.isCut(process) || link.server.hangsUntil > this.time.now()) return { state: 'unreachable' };
    // Always for long and just looked up: what delays a turn-on beyond the wait for leases must not be what makes it safe.
    return { state: 'healthy', replicationId: link.identity, openedAt: this.time.now(), since: 0 };
  }

  // oxlint-disable-next-line max-params -- who asks whom for how long for what
  private async ask<T>(process: string, target: CacheTarget, timeoutMs: number, script: (state: CacheState) => [CacheState, T]): Promise<T> {
    const link = this.links.get(process);
    if (link === undefined || link.closed) throw new RedisUnusable('redis-unreachable', 'no connection');
    if (link.identity !== target.replicationId) throw new RedisUnusable('redis-other', 'another Redis');
    try {
      return await call(this.time, { owner: process, timeoutMs, extraMs: Math.max(0, link.server.hangsUntil - this.time.now()), act: () => this.run(process, link, script) });
    } catch (error) {
      throw new RedisUnusable('redis-failed', 'no answer', { cause: error });
    }
  }

  private run<T>(process: string, link: ModelLink, script: (state: CacheState) => [CacheState, T]): { readonly answer: T } | undefined {
    if (link.closed || this.isCut(process)) return undefined;
    const { server } = link;
    if (server.role === 'replica') {
      this.close(link);
      throw new Error('READONLY');
    }
    const [state, answer] = script(server.state);
    server.state = state;
    return { answer };
  }

  private connect(process: string): void {
    this.time.after(this.time.random() * 100, () => {
      const link = this.links.get(process);
      if ((link === undefined || link.closed) && !this.isCut(process)) {
        this.links.set(process, { server: this.master, identity: this.identityOf(this.master), closed: false });
      }
      this.connect(process);
    }, process);
  }

  private identityOf({ name, replicationId }: Server): string {
    if (this.weakness === 'no identity of Redis') return 'any';
    return this.weakness === 'run id only' ? name : replicationId;
  }

  private isCut(process: string): boolean {
    return (this.cutUntil.get(process) ?? 0) > this.time.now();
  }

  /** A master that becomes a replica gets the new master's state at once. */
  private demote(server: Server): void {
    server.role = 'replica';
    server.state = this.master.state;
    for (const link of this.links.values()) if (link.server === server) this.close(link);
  }

  private close(link: ModelLink | undefined): void {
    if (link !== undefined) link.closed = true;
  }

  /** Replicas get the master's state now and then. A deposed master is made a replica in the end, and forgets its own. */
  private replicate(): void {
    this.time.after(this.time.random() * 1500, () => {
      const other = this.servers.find((server) => server !== this.master) as Server;
      if (other.role === 'master') this.demote(other);
      other.state = this.master.state;
      this.replicate();
    });
  }

  private newId(): string {
    this.ids += 1;
    return `history-${this.ids}`;
  }
}

/** A page of another turn-on is none. */
function pageOf({ pages }: CacheState, { nonce }: CacheTarget, key: string): KeptPage | undefined {
  const kept = pages.get(key);
  return kept?.nonce === nonce ? kept.page : undefined;
}
