import { randomInt } from 'node:crypto';
import { REDIS_MASTER } from '../../common/names.ts';
import type { Version } from '../ports.ts';
import { newBreaker, onFailure, onProbe, onReconnect, onSuccess } from './breaker.ts';
import type { Breaker } from './breaker.ts';
import { TooLate, within } from './clock.ts';
import type { Clock } from './clock.ts';
import type { RedisHealth } from './generation.ts';
import type { CacheTarget } from './generation-row.ts';
import { openLink } from './link.ts';
import type { Link, RedisAddress } from './link.ts';
import { RedisUnusable } from './ports.ts';
import type { CacheAnswer, CacheLog, CacheStore } from './ports.ts';

/** Milliseconds that a read gives Redis. */
export const READ_MS = 20;
/**
 * Milliseconds that a write gives Redis before it turns the cache off, which costs all writes the wait for the leases. On a
 * machine without an idle core healthy Redis takes more than 100 ms now and then.
 */
export const RAISE_MS = 300;
/** Milliseconds between probes while the breaker is open, and while it is closed. */
const PROBE_MS = { open: 50, closed: 300 } as const;
/** Milliseconds between two attempts to connect: this, and as much again by chance. */
const RECONNECT_MS = 100;
/** Milliseconds that the making of a page may take before another process makes it too. */
const FILL_MS = 300;

/** Milliseconds in which one process alone may begin a state. */
const CLAIM_MS = 2000;

const STATE_KEY = `${REDIS_MASTER}:cache`;
const CLAIM_KEY = `${REDIS_MASTER}:claim`;
const pageKey = (key: string): string => `${REDIS_MASTER}:page:${key}`;
const fillKey = (key: string): string => `${REDIS_MASTER}:fill:${key}`;

/** What the store needs; times by the clock. */
export interface RedisStoreOptions {
  readonly address: RedisAddress;
  readonly ttlS: number;
  readonly clock: Clock;
  readonly log: CacheLog;
}

/** The cache in the Redis that the Sentinels name. One connection at a time, a circuit breaker before it. */
export class RedisStore implements CacheStore {
  private readonly options: RedisStoreOptions;
  private readonly stopping = new AbortController();
  private link: Link | undefined;
  private openedAt = 0;
  private breaker: Breaker;
  private loop: Promise<void> = Promise.resolve();

  constructor(options: RedisStoreOptions) {
    this.options = options;
    this.breaker = newBreaker(options.clock.now());
  }

  /** Begins to connect, and stays connected until {@link stop}. */
  start(): void {
    this.loop = this.run();
  }

  /** Resolves when the connection is closed. */
  async stop(): Promise<void> {
    this.stopping.abort(new Error('The cache is stopping.'));
    this.link?.close();
    await this.loop;
  }

  health(): RedisHealth {
    const { link, breaker, openedAt } = this;
    if (link === undefined || link.isClosed() || breaker.state === 'open') return { state: 'unreachable' };
    return { state: 'healthy', replicationId: link.replicationId, openedAt, since: Math.max(openedAt, breaker.since) };
  }

  reconnect(): void {
    this.link?.close();
  }

  async read(target: CacheTarget, key: string, floor: Version): Promise<CacheAnswer> {
    if (this.breaker.state === 'open') throw new RedisUnusable('redis-unreachable', 'Reading a page from Redis: it does not answer probes in time.');
    const args = [STATE_KEY, pageKey(key), fillKey(key), target.nonce, floor.epoch, floor.n, floor.serverUuid, FILL_MS];
    const [kind, first = '', n = '', serverUuid = ''] = await this.ask(target, READ_MS, (link) => link.commands.cacheRead(...args));
    if (kind === 'hit') return { kind, page: first };
    return kind === 'fill' || kind === 'wait' ? { kind, version: { epoch: Number(first), n: Number(n), serverUuid } } : { kind: 'lost' };
  }

  async raise(target: CacheTarget, { epoch, n, serverUuid }: Version): Promise<boolean> {
    const [answer] = await this.ask(target, RAISE_MS, (link) => link.commands.cacheRaise(STATE_KEY, target.nonce, epoch, n, serverUuid));
    return answer === 'raised';
  }

  async put(target: CacheTarget, key: string, { page, version }: { readonly page: string; readonly version: Version }): Promise<void> {
    const args = [STATE_KEY, pageKey(key), fillKey(key), target.nonce, version.epoch, version.n, page, this.options.ttlS];
    await this.ask(target, RAISE_MS, (link) => link.commands.cachePut(...args));
  }

  async begin(target: CacheTarget): Promise<boolean> {
    const [answer] = await this.ask(target, RAISE_MS, (link) => link.commands.cacheBegin(STATE_KEY, CLAIM_KEY, target.nonce, CLAIM_MS));
    return answer === 'begun';
  }

  /** One command on the connection to the target; the answer can come from nowhere else. */
  private async ask(target: CacheTarget, ms: number, command: (link: Link) => Promise<string[]>): Promise<string[]> {
    const { link } = this;
    if (link === undefined || link.isClosed()) throw new RedisUnusable('redis-unreachable', 'Using Redis: there is no connection to its master; it is being opened.');
    if (link.replicationId !== target.replicationId) throw new RedisUnusable('redis-other', `Using Redis: the master is ${link.replicationId}, the cache is in ${target.replicationId}.`);
    try {
      const answer = await within(command(link), ms, 'A cache script in Redis');
      this.breaker = onSuccess(this.breaker);
      return answer;
    } catch (error) {
      this.trip(error, link);
      throw new RedisUnusable(error instanceof TooLate ? 'redis-late' : 'redis-failed', 'A cache script in Redis failed; MySQL answers instead.', { cause: error });
    }
  }

  private trip(error: unknown, link: Link): void {
    const before = this.breaker;
    this.breaker = onFailure(before, this.options.clock.now());
    if (before.state !== this.breaker.state) this.options.log.warn({ err: error }, 'Redis is passed by until it answers probes in time');
    if (error instanceof Error && error.message.startsWith('READONLY')) link.close();
  }

  private async run(): Promise<void> {
    const { clock, log, address } = this.options;
    let quiet = false;
    while (!this.stopping.signal.aborted) {
      const askedAt = clock.now();
      try {
        const link = await openLink(address, this.stopping.signal);
        quiet = false;
        await this.keep(link, askedAt);
      } catch (error) {
        if (!quiet) log.warn({ err: error }, 'no connection to the Redis master');
        quiet = true;
      }
      await this.pause(RECONNECT_MS + randomInt(RECONNECT_MS));
    }
  }

  /** Probes the connection until it is closed. */
  private async keep(link: Link, askedAt: number): Promise<void> {
    const { clock, log } = this.options;
    this.link = link;
    this.openedAt = askedAt;
    this.breaker = onReconnect(this.breaker, clock.now());
    log.info({ replicationId: link.replicationId }, 'connected to the Redis master');
    try {
      while (!link.isClosed() && !this.stopping.signal.aborted) {
        await this.probe(link);
        await Promise.race([this.pause(PROBE_MS[this.breaker.state]), link.closed]);
      }
    } finally {
      this.link = undefined;
      link.close();
    }
  }

  private async probe(link: Link): Promise<void> {
    const { clock } = this.options;
    const check = link.check();
    try {
      await within(check, READ_MS, 'A probe of Redis');
      this.breaker = onProbe(this.breaker, clock.now());
    } catch (error) {
      this.trip(error, link);
      // Late: whether it answers at all decides about the connection. Otherwise it is another data set, or closed.
      await check.catch(() => link.close());
    }
  }

  private async pause(ms: number): Promise<void> {
    await this.options.clock.sleep(ms, this.stopping.signal).catch(() => undefined);
  }
}
