import { contains } from '../../common/gtid.ts';
import type { Endpoint, MemberAddress } from '../../common/members.ts';
import { DATABASE, EPOCH_CHANNEL, FENCED_HOST, promisedEpochHost, TABLES, USERS } from '../../common/names.ts';
import type { MemberStatus } from '../decide/observation.ts';
import { errnoOf } from '../mysql/session.ts';
import type { Login, OpenSession, Row, Session } from '../mysql/session.ts';
import { GIVEN_UP, promiserOf, STATUS_STATEMENT, STATUS_STATEMENT_WITHOUT_ROW, StatusReader, TOUCHED } from '../observe/status.ts';
import type { RawStatus } from '../observe/status.ts';
import type { MemberLock } from './locks.ts';

/** Deadlines, ms: what is only a variable; what stops threads or writes to disk; the epoch row, which waits for acknowledgements. */
const [QUICK_MS, SLOW_MS, ROW_MS] = [2000, 5000, 5000];
/** Ten years: an unacknowledged commit waits, never falls back. */
const TIMEOUT_MS = 315_360_000_000;
/** How long mysqld may take to end by itself, ms. */
const ENDS_MS = 10_000;
/** So many looks, each a round trip, at an applier that finishes nothing: a lagging one may be in the middle of a large transaction. */
const APPLIER_LOOKS = 20;
const NO_TABLE = new Set([1049, 1146]);
/** Seconds without a connection after which a receiver tries again, and between heartbeats. */
const [RETRY_S, HEARTBEAT_S] = [1, 0.5];

/**
 * Notes on the member, until it restarts, that its binlog may grow from now on. While the note is missing, all that it
 * has was there when mysqld started, and so is in the hard links. A variable that traces nothing serves as the note.
 */
const TOUCH = `SET GLOBAL rpl_semi_sync_replica_trace_level = ${TOUCHED}`;

/** Keeps the channel's empty relay log, where there is one: to make it anew takes five times as long as the rest (15 ms, 3 ms). */
const KEEP_RELAY_LOG = ', RELAY_LOG_POS = 4';

const EPOCH_TABLE = `CREATE TABLE ${DATABASE}.${TABLES.epoch} (
  id TINYINT UNSIGNED NOT NULL PRIMARY KEY CHECK (id = 1), epoch BIGINT UNSIGNED NOT NULL, member VARCHAR(64) NOT NULL,
  server_uuid CHAR(36) NOT NULL, promoted_at TIMESTAMP(6) NOT NULL)`;

/** Never back to a lower number: the statement of an operator that stood still may come late. */
const EPOCH_ROW = `INSERT INTO ${DATABASE}.${TABLES.epoch} (id, epoch, member, server_uuid, promoted_at) VALUES (1, ?, ?, @@global.server_uuid, NOW(6)) AS new
  ON DUPLICATE KEY UPDATE member = IF(new.epoch > epoch.epoch, new.member, epoch.member), server_uuid = IF(new.epoch > epoch.epoch, new.server_uuid, epoch.server_uuid),
  promoted_at = IF(new.epoch > epoch.epoch, new.promoted_at, epoch.promoted_at), epoch = GREATEST(new.epoch, epoch.epoch)`;

/** Nothing that it received is in its relay log alone. */
export const hasAppliedAll = ({ executed, received }: MemberStatus): boolean => contains(executed, received);

/** What {@link MemberControl} needs. */
export interface ControlOptions {
  readonly lock: MemberLock;
  readonly operator: Login;
  readonly open: OpenSession;
  readonly replicationPassword: string;
  /** N. */
  readonly members: number;
  /** Throws when this control's time is over; asked before each statement. */
  readonly guard?: () => void;
}

/**
 * All SQL that changes a member, one method per step. Each step may be repeated, and runs in the session that holds the
 * member's lock, but for the epoch row. Each throws NotLeadingError, DeadlineError or SessionError.
 */
export class MemberControl {
  readonly name: string;
  readonly #options: ControlOptions;
  readonly #reader: StatusReader;
  #pen: Promise<Session> | undefined;

  constructor(options: ControlOptions) {
    this.#options = options;
    this.name = options.lock.member.name;
    this.#reader = new StatusReader(options.members);
  }

  get address(): MemberAddress {
    return this.#options.lock.member;
  }

  /** The replication account's password, for CLONE. */
  get replicationPassword(): string {
    return this.#options.replicationPassword;
  }

  /** The same, until the guard throws: statements that were not sent by then are not sent. */
  guardedBy(guard: () => void): MemberControl {
    const outer = this.#options.guard;
    return new MemberControl({ ...this.#options, guard: () => { outer?.(); guard(); } });
  }

  /** Runs one statement in the lock's session. */
  async run(sql: string, deadlineMs = QUICK_MS, values: readonly unknown[] = []): Promise<readonly Row[]> {
    this.#options.guard?.();
    return this.#options.lock.run(sql, deadlineMs, values);
  }

  /** The status as of now. */
  async status(deadlineMs = QUICK_MS): Promise<MemberStatus> {
    const rows = await this.run(STATUS_STATEMENT, deadlineMs).catch((error: unknown) => {
      if (NO_TABLE.has(errnoOf(error) ?? 0)) return this.run(STATUS_STATEMENT_WITHOUT_ROW, deadlineMs);
      throw error;
    });
    return this.#reader.read(rows[0]?.['status'] as RawStatus);
  }

  /** Receives nothing more. What was received stays, and is applied. */
  async stopReceiver(): Promise<void> {
    await this.run(`STOP REPLICA IO_THREAD FOR CHANNEL ''`, SLOW_MS);
  }

  /** Receives again from the source that it had, whatever its applier does. */
  async startReceiver(): Promise<void> {
    await this.run(`START REPLICA IO_THREAD FOR CHANNEL ''`, SLOW_MS);
  }

  /** Applies what was received. Does nothing where no source was ever set. */
  async startApplier({ receiver, applier }: MemberStatus): Promise<void> {
    if (receiver.host === '' || applier.running) return;
    await this.run(TOUCH);
    await this.run(`START REPLICA SQL_THREAD FOR CHANNEL ''`, SLOW_MS);
  }

  /**
   * Makes it follow nobody, also after a restart. The applier must run: changing the source under a stopped one throws
   * received transactions away, and one that was just started may stop again at the next transaction. Where it cannot,
   * or may not last, the stopped receiver (and skip_replica_start) has to do.
   */
  async fence(status: MemberStatus): Promise<void> {
    await this.stopReceiver();
    await this.startApplier(status);
    if (status.receiver.host === FENCED_HOST) return;
    if (status.receiver.host === '' || (await this.#keepsApplying(status))) await this.run(`CHANGE REPLICATION SOURCE TO SOURCE_HOST = '${FENCED_HOST}' FOR CHANNEL ''`, SLOW_MS);
  }

  /**
   * Whether another source throws nothing away that was received: all is applied, or the applier goes on. One that was just
   * started says that it runs for some milliseconds before it fails at the same transaction again (tried).
   */
  async #keepsApplying(asFound: MemberStatus): Promise<boolean> {
    for (let looks = 0; looks < APPLIER_LOOKS; looks += 1) {
      const now = await this.status();
      if (hasAppliedAll(now) || (now.applier.running && !contains(asFound.executed, now.executed))) return true;
      if (!now.applier.running) return false;
    }
    return asFound.applier.running;
  }

  /**
   * Promises an epoch durably.
   * @param own the server_uuid when the member counts from now on; undefined keeps it as it was
   */
  async promise(epoch: number, own: string | undefined): Promise<void> {
    const user = own === undefined ? '' : `, SOURCE_USER = '${promiserOf(own)}'`;
    const change = `CHANGE REPLICATION SOURCE TO SOURCE_HOST = '${promisedEpochHost(epoch)}'${user}`;
    await this.run(`${change}${KEEP_RELAY_LOG} FOR CHANNEL '${EPOCH_CHANNEL}'`, SLOW_MS).catch((error: unknown) => {
      if (errnoOf(error) === undefined) throw error;
      return this.run(`${change} FOR CHANNEL '${EPOCH_CHANNEL}'`, SLOW_MS);
    });
  }

  /** Lets it count no more, durably, before its data goes. */
  async disown(): Promise<void> {
    await this.run(`CHANGE REPLICATION SOURCE TO SOURCE_USER = '${GIVEN_UP}' FOR CHANNEL '${EPOCH_CHANNEL}'`, SLOW_MS);
  }

  /** Commits wait for acknowledgements from now on, and the operator may write; clients may not. */
  async becomeSource(acknowledgements: number, { row }: MemberStatus): Promise<void> {
    await this.run(`${TOUCH}, GLOBAL read_only = ON, GLOBAL super_read_only = OFF`);
    if (row === undefined) await this.#ensureTable();
    if (acknowledgements > 0) await this.run(`SET GLOBAL rpl_semi_sync_source_wait_for_replica_count = ${acknowledgements}, GLOBAL rpl_semi_sync_source_enabled = ON`);
  }

  /**
   * Puts right the settings that acknowledgements rest on, as far as that goes without a restart.
   * @param role a primary's commits must wait as well
   * @throws Error that names what only the settings file can change
   */
  async enforce(role: 'primary' | 'replica', acknowledgements: number): Promise<void> {
    await this.run(`SET GLOBAL sync_binlog = 1, GLOBAL innodb_flush_log_at_trx_commit = 1, GLOBAL rpl_semi_sync_source_wait_no_replica = ON,
      GLOBAL rpl_semi_sync_source_wait_point = 'AFTER_SYNC', GLOBAL rpl_semi_sync_source_timeout = ${TIMEOUT_MS},
      GLOBAL rpl_semi_sync_source_wait_for_replica_count = ${Math.max(1, acknowledgements)}, GLOBAL rpl_semi_sync_replica_enabled = ON`);
    if (role === 'primary' && acknowledgements > 0) await this.run('SET GLOBAL rpl_semi_sync_source_enabled = ON');
    const { unsafe } = await this.status();
    if (unsafe.length > 0) throw new Error(`${this.name}: ${unsafe.join(', ')}: change its settings file and restart it`);
  }

  /**
   * Writes the epoch row and waits for its acknowledgement: all that came before it is safe then. In a session of its
   * own, since a session that is ended while it waits keeps its lock.
   */
  async writeEpochRow(epoch: number): Promise<void> {
    const session = await this.#openPen();
    try {
      this.#options.guard?.();
      await session.query(EPOCH_ROW, ROW_MS, [epoch, this.name]);
      const [row] = await session.query(`SELECT epoch, server_uuid = @@global.server_uuid AS own FROM ${DATABASE}.${TABLES.epoch}`, QUICK_MS);
      if (Number(row?.['epoch']) !== epoch || row?.['own'] !== 1) throw new Error(`${this.name}: its epoch row is ${String(row?.['epoch'])} instead of ${epoch}: another promotion has overtaken this one`);
    } finally {
      this.closePen();
    }
  }

  /** Connects already for the epoch row, in case that this member is elected. Never rejects. */
  async takePen(): Promise<void> {
    await this.#openPen().catch(() => undefined);
  }

  /** Ends the connection for the epoch row, where there is one. */
  closePen(): void {
    void this.#pen?.then((session) => session.end()).catch(() => undefined);
    this.#pen = undefined;
  }

  #openPen(): Promise<Session> {
    this.#pen ??= this.#options.open({ member: this.address, login: this.#options.operator, via: 'admin', deadlineMs: QUICK_MS });
    return this.#pen;
  }

  /** Lets clients in, to read and write. */
  async openAsPrimary(): Promise<void> {
    await this.run('SET GLOBAL read_only = OFF, GLOBAL offline_mode = OFF');
  }

  /**
   * Follows a primary from now on. The applier must run, or have applied all: so the position by GTIDs, which can only be
   * set while nothing runs, is set once. One that has not applied all and is to follow where it did only receives again.
   */
  async follow({ host, port }: Endpoint, status: MemberStatus): Promise<void> {
    const { receiver, applier, touched } = status;
    if (!hasAppliedAll(status) && receiver.autoPosition && receiver.host === host && receiver.port === port) return this.startReceiver();
    if (!receiver.autoPosition) await this.stopReplica();
    else if (receiver.state !== 'off') await this.stopReceiver();
    const source = `SOURCE_HOST = ?, SOURCE_PORT = ?, SOURCE_USER = ?, SOURCE_PASSWORD = ?, ${receiver.autoPosition ? '' : 'SOURCE_AUTO_POSITION = 1,'} SOURCE_SSL = 0, GET_SOURCE_PUBLIC_KEY = 1,
      SOURCE_CONNECT_RETRY = ${RETRY_S}, SOURCE_RETRY_COUNT = 4294967295, SOURCE_HEARTBEAT_PERIOD = ${HEARTBEAT_S}`;
    await this.run(`CHANGE REPLICATION SOURCE TO ${source} FOR CHANNEL ''`, SLOW_MS, [host, port, USERS.replication, this.#options.replicationPassword]);
    if (!touched) await this.run(TOUCH);
    await this.run(`START REPLICA ${receiver.autoPosition && applier.running ? 'IO_THREAD' : ''} FOR CHANNEL ''`, SLOW_MS);
  }

  /** Stops receiver and applier. */
  async stopReplica(): Promise<void> {
    await this.run(`STOP REPLICA FOR CHANNEL ''`, SLOW_MS);
  }

  /** Lets clients in, to read. */
  async openAsReplica(): Promise<void> {
    await this.run('SET GLOBAL offline_mode = OFF');
  }

  /** How far a CLONE into this member is, bytes; asked in a session of its own, since the lock's is busy with it. */
  async cloneProgress(): Promise<{ readonly done: number; readonly estimate: number }> {
    const session = await this.#options.open({ member: this.address, login: this.#options.operator, via: 'admin', deadlineMs: QUICK_MS });
    try {
      const [row] = await session.query('SELECT SUM(DATA) AS done, SUM(ESTIMATE) AS estimate FROM performance_schema.clone_progress', QUICK_MS);
      return { done: Number(row?.['done'] ?? 0), estimate: Number(row?.['estimate'] ?? 0) };
    } finally {
      session.end();
    }
  }

  /**
   * Logs in once as its replicas will when it is promoted: a first login since the start exchanges keys, later ones find
   * the password in the server's cache. Never rejects.
   */
  async warmReplicationLogin(): Promise<void> {
    const login = { user: USERS.replication, password: this.#options.replicationPassword };
    const session = await this.#options.open({ member: this.address, login, via: 'clients', deadlineMs: QUICK_MS }).catch(() => undefined);
    session?.end();
  }

  /** Ends mysqld, and waits until it is gone; whatever starts it starts it again. */
  async restart(): Promise<void> {
    await this.run('RESTART', QUICK_MS);
    await this.gone();
  }

  /** Waits until mysqld has ended, as it does by itself after RESTART and CLONE. */
  async gone(): Promise<void> {
    await this.#options.lock.gone(ENDS_MS);
  }

  /** Before commits wait: one that did while it creates a schema would lock everybody out of it, status and all. */
  async #ensureTable(): Promise<void> {
    const [found] = await this.run(`SELECT (SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = '${DATABASE}') AS base,
      (SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = '${DATABASE}' AND table_name = '${TABLES.epoch}') AS tab`);
    if (found?.['base'] !== 1) await this.run(`CREATE DATABASE ${DATABASE}`, SLOW_MS);
    if (found?.['tab'] !== 1) await this.run(EPOCH_TABLE, SLOW_MS);
  }
}
