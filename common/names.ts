/**
 * Every name that more than one program must agree on, defined once: the charts, the operator, the service, the local
 * stack and the drills import it from here.
 */

/** The schema that holds the service's tables and the epoch row. */
export const DATABASE = 'holdfast';

/** Tables of {@link DATABASE}. `epoch` is made by the operator at the first start, the others by the service's migrations. */
export const TABLES = {
  epoch: 'epoch',
  property: 'property',
  idempotencyKey: 'idempotency_key',
  cacheGeneration: 'cache_generation',
} as const;

/**
 * MySQL accounts, one per purpose. All are made on every member with `sql_log_bin=0` when its data folder is
 * initialised, with the same password everywhere, so that no member starts with a transaction of its own.
 */
export const USERS = {
  /** Watches, fences, promotes, repoints, re-seeds. Connects to the admin port. */
  operator: 'holdfast_operator',
  /** Replication and CLONE. Has CONNECTION_ADMIN: its dump threads survive `offline_mode`. */
  replication: 'holdfast_replication',
  /** The service's own: rows and procedures of {@link DATABASE}, nothing that `offline_mode` or `read_only` lets through. */
  service: 'holdfast_service',
  /** Migrations: tables and procedures of {@link DATABASE}. */
  migration: 'holdfast_migration',
  /** Whatever starts mysqld: health, and `offline_mode` before it is stopped. Connects to the admin port. */
  supervisor: 'holdfast_supervisor',
} as const;

/** `GET_LOCK` name that whoever acts on a member holds there. */
export const MEMBER_LOCK = 'holdfast.operator';

/** The replication channel that is never started: its SOURCE_HOST is the durable promise of an epoch. */
export const EPOCH_CHANNEL = 'epoch';

/** SOURCE_HOST of a fenced member: follows nobody, also after a restart. `.invalid` never resolves (RFC 2606). */
export const FENCED_HOST = 'fenced.invalid';

/**
 * SOURCE_HOST on {@link EPOCH_CHANNEL} that promises an epoch.
 * @param epoch a whole number ≥ 1
 */
export const promisedEpochHost = (epoch: number): string => `epoch-${epoch}.invalid`;

/** The name under which the Sentinels know the Redis master. */
export const REDIS_MASTER = 'holdfast';

/** The path of the API. */
export const API_PATH = '/api/property';

/** Header and cookie names of the edge and the service. */
export const HTTP = {
  /** A client's own idempotency key. */
  idempotencyKey: 'idempotency-key',
  /** nginx → Koa: the id that nginx made for this client request and keeps over its retries. Never taken from a client. */
  requestId: 'x-request-id',
  /** nginx → Koa: seconds, with milliseconds as fraction, that nginx has held this request already. */
  waited: 'x-waited',
  /** nginx → Koa: until when nginx may keep a page that is asked for now, by nginx's clock: `@` and seconds since 1970. */
  edgeUntil: 'x-edge-until',
  /** Koa → nginx: that nginx may keep this answer so long; the value of {@link HTTP.edgeUntil}. */
  accelExpires: 'x-accel-expires',
  /** Koa → nginx: ask the next Koa (a named location), this one waits for a primary. */
  accelRedirect: 'x-accel-redirect',
  /** The named location for it. */
  againLocation: '@again',
  /** To the client: HIT, MISS, STALE, BYPASS… of nginx's own cache. */
  edgeCache: 'x-cache',
  /** To the client: which of the documented exceptions an answer may be older for; absent when none. */
  freshness: 'x-freshness',
  /** Marks a client that has just written; carries epoch and GTID, signed. */
  seenCookie: 'holdfast_seen',
} as const;
