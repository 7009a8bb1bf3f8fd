import { randomInt } from 'node:crypto';
import { REDIS_MASTER } from '../../common/names.ts';
import type { Change, Version } from '../ports.ts';
import { newBreaker, onFailure, onProbe, onReconnect, onSuccess } from './breaker.ts';
import type { Breaker } from './breaker.ts';
import { TooLate, within } from './clock.ts';
import type { Clock } from './clock.ts';
import type { RedisHealth } from './generation.ts';
import type { CacheTarget } from './generation-row.ts';
import { openLink } from './link.ts';
import type { Link, RedisAddress } from './link.ts';
import { LOG_ENTRIES } from './change-log.ts';
import { RedisUnusable } from './ports.ts';
import type { CacheLog, CacheStore, KeptPage, Known, LogAnswer, RaiseAnswer } from './ports.ts';
import { readEntry, readPage, writeChange, writePage } from './texts.ts';

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

/**
 * Part of every name: a process that keeps something else there finds nothing of its own, ends the generation and waits, so
 * that old and new processes of a rolling update never take each other's pages.
 */
const FORM = 2;
const STATE_KEY = `${REDIS_MASTER}:${FORM}:state`;
const LOG_KEY = `${REDIS_MASTER}:${FORM}:log`;
const AHEAD_KEY = `${REDIS_MASTER}:${FORM}:ahead`;
const CLAIM_KEY = `${REDIS_MASTER}:${FORM}:claim`;
const STATE_KEYS = [STATE_KEY, LOG_KEY, AHEAD_KEY] as const;
const pageKey = (key: string): string => `${REDIS_MASTER}:${FORM}:page:${key}`;
const fillKey = (key: string): string => `${REDIS_MASTER}:${FORM}:fill:${key}`;

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

  async log(target: CacheTarget, { floor, settled, seq }: Known): Promise<LogAnswer> {
    this.refuseWhileOpen();
    const args = [...STATE_KEYS, target.nonce, floor.epoch, floor.n, floor.serverUuid, settled?.epoch ?? 0, settled?.n ?? 0, seq];
    const [kind, epoch, n, serverUuid, last, ...entries] = await this.ask(target, READ_MS, (link) => link.commands.cacheLog(...args));
    if (kind === 'lost') return { kind };
    const version = { epoch: Number(epoch), n: Number(n), serverUuid: String(serverUuid) };
    return { kind: 'log', version, seq: Number(last), entries: kind === 'reset' ? undefined : entries.map((entry) => readEntry(String(entry))) };
  }

  async raise(target: CacheTarget, { epoch, n, serverUuid }: Version, changes: readonly Change[] | undefined): Promise<RaiseAnswer> {
    // A property that was there before: what an earlier write made of it must be in the log.
    const isGuarded = changes?.some(({ from }) => from !== undefined) === true;
    const args = [...STATE_KEYS, target.nonce, epoch, n, serverUuid, isGuarded ? 1 : 0, LOG_ENTRIES, ...(changes?.map(writeChange) ?? ['*'])];
    const [answer] = await this.ask(target, RAISE_MS, (link) => link.commands.cacheRaise(...args));
    return answer === 'raised' || answer === 'gap' ? answer : 'lost';
  }

  async fetch(target: CacheTarget, key: string): Promise<KeptPage | undefined> {
    this.refuseWhileOpen();
    const text = await this.ask(target, READ_MS, (link) => link.commands.get(pageKey(key)));
    return text === null ? undefined : readPage(text, target.nonce);
  }

  async put(target: CacheTarget, key: string, page: KeptPage): Promise<void> {
    const { ttlS } = this.options;
    await this.ask(target, RAISE_MS, ({ commands }) => Promise.all([commands.set(pageKey(key), writePage(page, target.nonce), 'EX', ttlS), commands.del(fillKey(key))]));
  }

  async claim(target: CacheTarget, key: string): Promise<boolean> {
    return (await this.ask(target, READ_MS, (link) => link.commands.set(fillKey(key), '', 'PX', FILL_MS, 'NX'))) === 'OK';
  }

  async begin(target: CacheTarget): Promise<boolean> {
    const [answer] = await this.ask(target, RAISE_MS, (link) => link.commands.cacheBegin(...STATE_KEYS, CLAIM_KEY, target.nonce, CLAIM_MS));
    return answer === 'begun';
  }

  private refuseWhileOpen(): void {
    if (this.breaker.state === 'open') throw new RedisUnusable('redis-unreachable', 'Reading from Redis: it does not answer probes in time.');
  }

  /** One command on the connection to the target; the answer can come from nowhere else. */
  private async ask<T>(target: CacheTarget, ms: number, command: (link: Link) => Promise<T>): Promise<T> {
    const { link } = this;
    if (link === undefined || link.isClosed()) throw new RedisUnusable('redis-unreachable', 'Using Redis: there is no connection to its master; it is being opened.');
    if (link.replicationId !== target.replicationId) throw new RedisUnusable('redis-other', `Using Redis: the master is ${link.replicationId}, the cache is in ${target.replicationId}.`);
    try {
      const answer = await within(command(link), ms, 'A command of the cache in Redis');
      this.breaker = onSuccess(this.breaker);
      return answer;
    } catch (error) {
      this.trip(error, link);
      throw new RedisUnusable(error instanceof TooLate ? 'redis-late' : 'redis-failed', 'A command of the cache in Redis failed; MySQL answers instead.', { cause: error });
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
