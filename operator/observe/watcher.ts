import type { MemberAddress } from '../../common/members.ts';
import type { Contact, MemberStatus } from '../decide/observation.ts';
import { codeOf, DeadlineError, errnoOf } from '../mysql/session.ts';
import type { Login, OpenSession, Row, Session } from '../mysql/session.ts';
import type { Clock } from '../ports.ts';
import { STATUS_STATEMENT, STATUS_STATEMENT_WITHOUT_ROW, StatusReader } from './status.ts';
import type { RawStatus } from './status.ts';

/** A status statement that takes longer is given up, with its connection; ms. */
const ANSWER_DEADLINE_MS = 1000;
/** An answer older than this is no answer; polls come every 250 ms. */
const FRESH_MS = 600;
/** Between attempts to connect where nothing listens, ms. */
const AGAIN_MS = 20;
const CANARY_SECONDS = 3600;
const CANARY_AGAIN_MS = 1000;

const ER_SERVER_SHUTDOWN = 1053;
const NO_TABLE = new Set([1049, 1146]);

/** What {@link MemberWatcher} needs. */
export interface WatcherOptions {
  readonly member: MemberAddress;
  readonly login: Login;
  /** N. */
  readonly members: number;
  readonly open: OpenSession;
  readonly clock: Clock;
  /** Called when what is known of the member has changed in a way that may matter at once. */
  readonly nudge: () => void;
}

/**
 * Watches one member over a kept connection to its admin port. It only reports, and never decides. A second connection
 * sleeps in a statement: a shutdown ends that at once, while idle connections would notice seconds later.
 */
export class MemberWatcher {
  readonly member: MemberAddress;
  readonly #options: WatcherOptions;
  readonly #reader: StatusReader;
  #session: Session | undefined;
  #canary: Session | undefined;
  #polling: Promise<void> | undefined;
  #trouble: Extract<Contact, { kind: 'refused' | 'stopping' | 'unusable' }> | undefined;
  #status: MemberStatus | undefined;
  #answeredAt: number;
  #askedAt = 0;
  #openedAt: number | undefined;
  #canaryAt = -Infinity;
  #fresh = false;
  #stopped = false;

  constructor(options: WatcherOptions) {
    this.#options = options;
    this.member = options.member;
    this.#reader = new StatusReader(options.members);
    this.#answeredAt = options.clock.now();
  }

  /** Its last status, however old. */
  get status(): MemberStatus | undefined {
    return this.#status;
  }

  /** When the last status was asked for and when it was answered, on the operator's monotonic clock, ms. */
  get times(): { readonly askedAt: number; readonly answeredAt: number } {
    return { askedAt: this.#askedAt, answeredAt: this.#answeredAt };
  }

  /** When it last let this watcher in, whatever it answered then, on the same clock; undefined: never. */
  get openedAt(): number | undefined {
    return this.#openedAt;
  }

  /** What is known of it now. */
  contact(): Contact {
    if (this.#trouble !== undefined) return this.#trouble;
    const forMs = this.#options.clock.now() - this.#answeredAt;
    if (this.#session === undefined || !this.#fresh || forMs > FRESH_MS) return { kind: 'silent', forMs };
    return { kind: 'answers' };
  }

  /** Forgets what it heard and every silence: the operator itself was not there to hear. The next answer counts again. */
  discard(): void {
    this.#answeredAt = this.#options.clock.now();
    this.#trouble = undefined;
    this.#fresh = false;
  }

  /** Asks for the status now; joins a question that is under way. Never rejects. */
  poll(): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    this.#polling ??= this.#ask().then(this.#asked);
    return this.#polling;
  }

  /** Asks after now: an answer that is under way may be of before. Never rejects. */
  async pollAfresh(): Promise<void> {
    await this.#polling;
    await this.poll();
  }

  /** Ends its connections for good. */
  stop(): void {
    this.#stopped = true;
    this.#session?.end();
    this.#canary?.end();
  }

  readonly #asked = (): void => {
    this.#polling = undefined;
  };

  /** Never rejects. */
  async #ask(): Promise<void> {
    try {
      const session = (this.#session ??= await this.#connect());
      const askedAt = this.#options.clock.now();
      this.#take(await readStatus(session), askedAt);
      if (askedAt - this.#canaryAt > CANARY_AGAIN_MS) void this.#watchShutdown(askedAt);
    } catch (error) {
      this.#fail(error);
    }
  }

  #take(raw: RawStatus, askedAt: number): void {
    const status = this.#reader.read(raw);
    const before = this.#status;
    const news = this.#trouble !== undefined || !this.#fresh || before === undefined || differs(before, status);
    this.#trouble = undefined;
    this.#status = status;
    this.#fresh = true;
    this.#askedAt = askedAt;
    this.#answeredAt = this.#options.clock.now();
    if (news) this.#options.nudge();
  }

  async #connect(): Promise<Session> {
    const session = await this.#open();
    this.#openedAt = this.#options.clock.now();
    void session.lost.then(() => {
      if (this.#session === session) this.#session = undefined;
      this.#options.nudge();
      return this.poll();
    });
    return session;
  }

  async #open(): Promise<Session> {
    const session = await this.#options.open({ member: this.member, login: this.#options.login, via: 'admin', deadlineMs: ANSWER_DEADLINE_MS });
    if (this.#stopped) session.end();
    return session;
  }

  /** Keeps one statement running that only a shutdown ends before its time. */
  async #watchShutdown(now: number): Promise<void> {
    if (this.#canary?.alive === true || this.#stopped) return;
    this.#canaryAt = now;
    try {
      this.#canary = await this.#open();
      await this.#canary.query(`DO SLEEP(${CANARY_SECONDS})`, CANARY_SECONDS * 2000);
    } catch {
      // Whatever ended it, the poll says what it means.
    }
    this.#canary?.end();
    this.#canary = undefined;
    await this.poll();
  }

  #fail(error: unknown): void {
    const before = this.#trouble?.kind;
    this.#session?.end();
    this.#session = undefined;
    // Who said that it stops is stopping, also when it takes no connections any more.
    this.#trouble = this.#trouble?.kind === 'stopping' ? this.#trouble : troubleOf(error);
    if (this.#trouble?.kind !== before) this.#options.nudge();
    if (!this.#stopped && this.#trouble?.kind !== 'unusable') this.#options.clock.after(AGAIN_MS, () => void this.poll());
  }
}

const statusIn = ([row]: readonly Row[]): RawStatus => row?.['status'] as RawStatus;

async function readStatus(session: Session): Promise<RawStatus> {
  try {
    return statusIn(await session.query(STATUS_STATEMENT, ANSWER_DEADLINE_MS));
  } catch (error) {
    if (!NO_TABLE.has(errnoOf(error) ?? 0)) throw error;
    return statusIn(await session.query(STATUS_STATEMENT_WITHOUT_ROW, ANSWER_DEADLINE_MS));
  }
}

/** What an error says of the member beyond "no answer"; undefined when nothing. */
function troubleOf(error: unknown): Extract<Contact, { kind: 'refused' | 'stopping' | 'unusable' }> | undefined {
  if (codeOf(error) === 'ECONNREFUSED') return { kind: 'refused' };
  const errno = errnoOf(error) ?? 0;
  if (errno === ER_SERVER_SHUTDOWN) return { kind: 'stopping' };
  if (errno > 0 && !(error instanceof DeadlineError)) return { kind: 'unusable', problem: error instanceof Error ? error.message : String(error) };
  return undefined;
}

/** Whether something changed that a decision may rest on; sets grow all the time and ages always differ. */
function differs(a: MemberStatus, b: MemberStatus): boolean {
  return FLAGS.some((flag) => a[flag] !== b[flag]) || a.receiver.state !== b.receiver.state || a.receiver.host !== b.receiver.host || a.receiver.port !== b.receiver.port
    || a.applier.running !== b.applier.running || a.applier.error !== b.applier.error || a.row?.epoch !== b.row?.epoch || a.promise?.epoch !== b.promise?.epoch || a.promise?.own !== b.promise?.own || a.unsafe.length !== b.unsafe.length;
}

const FLAGS = ['serverUuid', 'readOnly', 'superReadOnly', 'offline', 'source'] as const satisfies readonly (keyof MemberStatus)[];
